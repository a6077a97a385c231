"""Numbers in American English words: no "and" within a number, no hyphens, no commas.

Small numbers come from tables, because num2words takes 0.1 ms each and 70 ms to import; numbers from a
million up come from num2words.
"""

from __future__ import annotations

from functools import lru_cache

from speechd_neural import expressions as re

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
LARGEST = 10**66  # above it there are no words: read digit by digit

_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip


def _below_hundred(number: int) -> str:
    if number < 20:
        return ONES[number]
    tens, ones = divmod(number, 10)
    return f"{TENS[tens]} {ONES[ones]}" if ones else TENS[tens]


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    return f"{ONES[hundreds]} hundred {_below_hundred(rest)}" if rest else f"{ONES[hundreds]} hundred"


@lru_cache(maxsize=4096)
def cardinal(number: int) -> str:
    """"one hundred twenty three"; negative numbers begin with "minus"."""
    if number < 0:
        return "minus " + cardinal(-number)
    if number < 1000:
        return _below_thousand(number)
    if number < 1_000_000:
        thousands, rest = divmod(number, 1000)
        words = f"{_below_thousand(thousands)} thousand"
        return f"{words} {_below_thousand(rest)}" if rest else words
    if number >= LARGEST:
        return digits(str(number))
    from num2words import num2words

    return plain(str(num2words(number)))


def plain(words: str) -> str:
    """The British punctuation and "and" of num2words taken out."""
    return words.replace("-", " ").replace(",", "").replace(" and ", " ")


@lru_cache(maxsize=1024)
def ordinal(number: int) -> str:
    """"twenty first"."""
    head, _, last = cardinal(number).rpartition(" ")
    if last in _ORDINALS:
        last = _ORDINALS[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return f"{head} {last}" if head else last


def digits(text: str) -> str:
    """Each digit by itself: "007" is "zero zero seven"; anything that is no digit is left out."""
    return " ".join(ONES[int(c)] for c in text if c.isdecimal())


_MILLIONS = re.compile(r"[1-9][0-9]{0,2}(?:0{6}|0{9}|0{12})|[1-9][0-9]0{5}")


def number(text: str) -> str:
    """A run of ASCII digits, perhaps with grouping commas: digit by digit where it looks like a code.

    Codes are runs that begin with a zero, and seven digits or more without separators, unless they are round.
    """
    bare = text.replace(",", "")
    if (len(bare) > 1 and bare[0] == "0") or (len(bare) >= 7 and "," not in text and not _MILLIONS.fullmatch(bare)):
        return digits(bare)
    return cardinal(int(bare)) if len(bare) <= 66 else digits(bare)


def decimal(whole: str, part: str) -> str:
    """"3", "50" -> "three point five zero"."""
    return f"{number(whole)} point {digits(part)}" if whole else f"point {digits(part)}"


def amount(text: str) -> str:
    """A number as it is written, with an optional sign, grouping commas and decimals."""
    sign = ""
    if text[0] in "-−–+":
        sign, text = ("plus " if text[0] == "+" else "minus "), text[1:]
    whole, dot, part = english_decimal(text).partition(".")
    whole = whole.strip()
    return sign + (decimal(whole, part) if dot else number(whole))


def english_decimal(text: str) -> str:
    """1.234,56 as 1,234.56: points before a comma cannot be English."""
    if 0 <= text.find(".") < text.find(","):
        return text.replace(".", "").replace(",", ".")
    return text


def pair(number: int) -> str:
    """Four digits in two pairs: 1905 "nineteen oh five", 1900 "nineteen hundred", 2005 "two thousand five"."""
    head, rest = divmod(number, 100)
    if number % 1000 < 10:
        return cardinal(number)
    if not rest:
        return _below_hundred(head) + " hundred"
    return f"{_below_hundred(head)} {'oh ' if rest < 10 else ''}{_below_hundred(rest)}"


def year(number: int) -> str:
    """A year: in pairs where English does that."""
    return pair(number) if 1010 <= number <= 9999 and not 2000 <= number <= 2009 else cardinal(number)


def plural(words: str) -> str:
    """"nineteen ninety" -> "nineteen nineties", "six" -> "sixes"."""
    if words.endswith("y"):
        return words[:-1] + "ies"
    return words + ("es" if words.endswith(("x", "s", "ch", "sh")) else "s")


def fraction(top: int, bottom: int) -> str:
    """"three quarters", "one half", "five over two hundred fifty": ordinals where people use them."""
    seconds = bottom > 20 and bottom % 10 == 2 and bottom != 32  # two twenty seconds: time, to whoever hears it
    if bottom < 2 or (bottom > 100 and bottom not in (128, 1000)) or top > 999 or seconds:
        return f"{cardinal(top)} over {cardinal(bottom)}"
    if bottom == 2:
        return f"{cardinal(top)} {'half' if top == 1 else 'halves'}"
    name = "quarter" if bottom == 4 else ordinal(bottom)
    name = name.removeprefix("one ")
    return f"{cardinal(top)} {name}" if top == 1 else f"{cardinal(top)} {name}s"


_ROMAN = re.compile(r"(M{0,3})(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman(text: str) -> int:
    """The value of a well-formed upper-case Roman numeral, 0 for anything else."""
    if not text or not _ROMAN.fullmatch(text):
        return 0
    total = 0
    values = [_ROMAN_VALUES[c] for c in text]
    for value, following in zip(values, [*values[1:], 0], strict=True):
        total += -value if value < following else value
    return total
