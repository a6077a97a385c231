"""Telephone numbers and other numbers in groups: each digit by itself, a pause between the groups."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import cardinal, digits
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, read
from speechd_neural.text.token import Token

_AFTER = r"(?![\w]|[-.:/][0-9])"
_EXTENSION = r"(?:,?\s{0,2}(?:ext?\.?|x|extension)\s?[0-9]{1,6})?"
_NUMBERS = re.compile(
    r"(?:"
    rf"(?:\+?1[-. ]?\s?|\()?\([0-9]{{3}}\)[ -]{{0,2}}[0-9]{{3}}[-. ]?[0-9]{{4}}{_EXTENSION}"
    rf"|(?:\+?1[-. ])?[0-9]{{3}}([-. ])[0-9]{{3}}\1[0-9]{{4}}{_EXTENSION}"
    rf"|[0-9]{{3}}-[0-9]{{4}}{_EXTENSION}"
    r"|\+[0-9]{1,3}(?:[ .-]?\(?[0-9]{1,5}\)?){2,6}"
    r"|\+[0-9]{7,15}"
    r"|\(0\)\s?[0-9]{2,4}[ -][0-9]{3,4}[ -][0-9]{3,4}"
    r"|\(0[0-9]{1,4}\)\s?[0-9]{3,4}[ -][0-9]{3,4}"
    r"|0[0-9]{2,4} [0-9]{3,4} [0-9]{3,4}"
    r"|0[0-9]{4} [0-9]{6}"
    r"|0[0-9]{1,4} ?/ ?[0-9]{2,4}(?:[ -][0-9]{2,4}){1,4}"  # Germany
    r"|1[38]00 [0-9]{3} [0-9]{3}"  # Australia
    r"|555 [0-9]{4}(?=\s?(?:[,.;)]|\Z))"
    r"|97[89] [0-9]{1,5} [0-9]{2,7} [0-9]{1,7} [0-9X](?=\s?(?:[,.;)]|\Z))"
    r"|[0-9]{3}-[0-9]{2}-[0-9]{4}"
    r"|[0-9]{4}([- ])[0-9]{4}\2[0-9]{4}\2[0-9]{4}"
    r"|[0-9]{5}-[0-9]{4}"  # a ZIP code
    r"|756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}"  # whom Switzerland insures
    r"|[0-9]{1,7}(?:-[0-9]{1,7}){2,6}(?:-X)?(?!\s?=)"
    rf"){_AFTER}"
)
_LETTERED = re.compile(r"1-8[0-9]{2}-([0-9A-Z]{2,7}(?:-[0-9A-Z]{3,7})?)(?![\w-])|[2-9][0-9]{2}-[A-Z]{4}(?![\w-])")
# A number that costs nothing, whose rest is a word: 1-888-Comcast, 1 (800) XFINITY.
_FREE = re.compile(r"\+?1[- ]?(\()?8(00|33|44|55|66|77|88)(?(1)\))[- ]?(?=[A-Z][A-Za-z]{3}|[a-z]{2,10}-|[A-Z]{2,4}-)")
# What a telephone dials that is no number: *67, *#06#.
_DIALLED = re.compile(r"[*#]{1,2}[0-9]{2,4}(?:\*[0-9]{1,12})*(?:#|(?=[\s.,;)]|\Z))")
# The end of a card: **** 4242, •••• 4242.
_MASKED = re.compile(r"(?:[*•xX·]{4}[ -]?){0,3}[*•·]{2,4}[ -]?([0-9]{4})(?![\w])|\(?[*•]{3}\)?[ -]?[*•]{2,3}-([0-9]{4})(?!\w)")
_ACCOUNT = re.compile(r"([A-Z]{2})([0-9]{2}) ?([A-Z0-9]{4}(?: [A-Z0-9]{4}){2,6}(?: [A-Z0-9]{1,3})?)(?!\w)")
_EMPLOYER = re.compile(r"([0-9]{2})-([0-9]{7})(?![\w-])")
_SHORT_CODE = re.compile(r"([0-9]{3})-([0-9]{3})(?![\w-])")
_LOCAL = re.compile(r"[0-9]{3} [0-9]{4}(?![\w]|[-:/%°]|[.,][0-9])")
_CALLED = re.compile(
    r"\b(?:call|calls|called|calling|dial|dialed|phone|telephone|tel|fax|mobile|cell|text|number(?=:| is| was))\b[^0-9]{0,12}\Z",
    re.IGNORECASE,
)
# Groups of digits with blanks between them, as they are when the signs have been dropped.
_BLANKED = re.compile(
    r"([0-9]{1,12}(?: [0-9]{1,12}){0,7}(?: X(?!\w))?)( x(?=[0-9])[0-9]{1,6}| ext\.?\s[0-9]{1,6})?(?![\w]|[.,:/%°][0-9]|-[0-9])"
)
_SHAPES = frozenset(((4, 4, 4, 4), (4, 6, 5), (3, 2, 4), (5, 4), (3, 3, 4), (1, 3, 3, 4)))
NUMBERED = re.compile(
    r"\b(?:ISBN|ISSN|SSN|ID|ABN|ACN|TFN|SIN|NHS|VAT|GST|GSTIN|PAN|UTR|IRD|Aadhaar|SIREN|SIRET"
    r"|card|account|acc|acct|routing|sort code|part|serial|tracking|reference|ref|number|no(?=\.))\b[^0-9]{0,3}"
    r"(?:1[03]:? )?\Z",
    re.IGNORECASE,
)
_SERIES = re.compile(r"\bISSN:?\s{1,2}\Z")
_SERIAL = re.compile(r"[0-9]{4}-[0-9]{3}[0-9X](?![\w-])")
CODED = re.compile(r"\b(?:code|pin|otp|passcode|password)\b(?: is)?:?\s{1,2}\Z", re.IGNORECASE)
_CODE_LETTERS = re.compile(
    r"(?:\bCVE |\b(?i:code|order|ref|reference|voucher|ticket|invoice|serial|tracking|booking|flight|confirmation|coupon)"
    r":?\s{1,2}#?(?=[A-Z0-9 ]{0,40}[A-Z])(?:[A-Z0-9]{1,12} ){1,4})\Z"
)
_CODE_LETTER = re.compile(r"(?<![\w'’.-])[B-HJ-Z] \Z")
_PLUS_DROPPED = re.compile(r"(?:\A|\s) \Z")
_SMALL = re.compile(r"(?:0|[1-9][0-9]?)(?:-(?:0|[1-9][0-9]?)){2}")
_DIGITS = re.compile("[0-9]+")
_BOOK = re.compile(r"97[89]-[0-9]{10}(?![\w-])")  # an ISBN without its inner dashes
_GROUP = re.compile(r"\+|[0-9]+|[A-Z]+|ext?\.?|extension|x")


def telephone(place: Place) -> Reading:
    """(555) 123-4567, +44 20 7946 0958, 1-800-FLOWERS, 555-1234 x12; also 123-45-6789."""
    free = None if _LETTERED.match(place.text, place.start) else _FREE.match(place.text, place.start)
    if free:
        words = ("plus one " if free[0][0] == "+" else "one ") + ("eight hundred" if free[2] == "00" else digits(f"8{free[2]}"))
        return [Token(words, (place.start, free.end()), "telephone", ",")]
    found = _LETTERED.match(place.text, place.start) or _NUMBERS.match(place.text, place.start)
    if not found and place.before in ("EIN", "FEIN", "ID"):
        found = _EMPLOYER.match(place.text, place.start)
    found = found or _BOOK.match(place.text, place.start)
    if not found and place.before == "ISSN":
        found = _SERIAL.match(place.text, place.start)
    if found and found[0][0] == "+" and sum(character.isdecimal() for character in found[0]) < 7:
        found = None  # +12.5
    if not found:
        found = _LOCAL.match(place.text, place.start)  # 555 1234
        if found and not _CALLED.search(place.text[max(0, place.start - 24) : place.start]):
            return None
    if not found:
        return None
    small = _SMALL.fullmatch(found[0])
    if small:  # the record 10-9-1
        parts = _DIGITS.finditer(place.text, place.start, found.end())
        tokens = [Token(cardinal(int(part[0])), part.span(), "number", ",") for part in parts]
        return [*tokens[:-1], tokens[-1]._replace(punctuation="")]
    return groups(place.text, place.start, found.end())


def dialled(place: Place) -> Reading:
    """*67, *#06#; **** 4242."""
    text, start, _ = place
    if start and not (text[start - 1].isspace() or text[start - 1] in "(:"):
        return None
    masked = _MASKED.match(text, start)
    if masked:
        return [Token(digits(masked[1] or masked[2]), masked.span(masked.lastindex or 1), "telephone")]
    found = _DIALLED.match(text, start)
    if not found or (text[start] == "#" and text[found.end() - 1] != "#") or len(found[0].strip("*#")) < 2:
        return None
    names = {"*": "star", "#": "hash"}
    return read(" ".join(names.get(sign) or digits(sign) for sign in found[0]), place, found.end(), "telephone")


def bank_account(place: Place) -> Reading:
    """GB29 NWBK 6016 1331 9268 19."""
    text, start, _ = place
    found = _ACCOUNT.match(text, start)
    if not found or not any(character.isdecimal() for character in found[3]):
        return None
    tokens = [Token(f"{letters(found[1])} {digits(found[2])}", (start, found.end(2)), "telephone", ",")]
    for group in re.finditer(r"\S+", found[3]):
        span = (found.start(3) + group.start(), found.start(3) + group.end())
        tokens.append(Token(letters(group[0]), span, "telephone", ","))
    return [*tokens[:-1], tokens[-1]._replace(punctuation="")]


def groups(text: str, start: int, end: int) -> list[Token]:
    """The groups of digits between two positions, one token each."""
    tokens: list[Token] = []
    plus = False
    opened = start
    for group in _GROUP.finditer(text, start, end):
        written = group[0]
        if written == "+":
            plus, opened = True, group.start()
            continue
        if written[0].isdecimal():
            words = digits(written)
        elif written[0] in "ex":
            words = "extension"
        else:
            words = written if len(written) > 2 else letters(written)
        first = opened if plus else group.start()
        tokens.append(Token(("plus " if plus else "") + words, (first, group.end()), "telephone"))
        plus = False
    pauses = [
        "" if token.words == "extension" or index == len(tokens) - 1 else "," for index, token in enumerate(tokens)
    ]
    return [Token(t.words, t.source, t.kind, p) for t, p in zip(tokens, pauses, strict=True)]


def unsigned(place: Place) -> Reading:
    """A telephone, card or code number whose signs were dropped on the way here: ISBN 978 0 13 110362 7, 555 0142.

    Speech Dispatcher leaves one blank for a sign inside a word, and two, or one at the beginning, for a plus before it.
    """
    found = _BLANKED.match(place.text, place.start)
    if not found:
        return None
    run = found[1].split()
    sizes = tuple(len(group) for group in run)
    before = place.text[max(0, place.start - 48) : place.start]
    if len(run) == 1:
        coded = _behind_code(before) or bool(sizes[0] > 5 and _CODE_LETTER.search(before))
    else:
        coded = bool(
            sizes in _SHAPES
            or (sizes == (4, 4, 4) and any(not 1000 <= int(group) < 2100 for group in run))
            or (sizes == (5, 5) and run[0][0] in "6789")  # how India writes a telephone
            or (sum(sizes) >= 7 and _zero_led(run) and not _thousands(run))
            or found[2]
            or (sizes == (4, 4) and _SERIES.search(before))
            or ((len(run) > 2 or sizes == (4, 4)) and NUMBERED.search(before))
            or (sizes == (3, 3) and CODED.search(before))
            or _behind_code(before)
            or (9 <= sum(sizes) <= 15 and sizes[0] < 4 and _PLUS_DROPPED.search(before) and not _thousands(run))
        )
    return groups(place.text, place.start, found.end()) if coded else None


def _behind_code(before: str) -> bool:
    """Whether the letters of a code stand before its digits."""
    last = before[-2:-1]
    ends_so = before[-1:] == " " and (last.isupper() or last.isdecimal())  # the cheap half of the question first
    return ends_so and before.upper() != before.lower() and _CODE_LETTERS.search(before) is not None


def _zero_led(run: list[str]) -> bool:
    return any(len(group) > 1 and group[0] == "0" for group in run)


def _thousands(run: list[str]) -> bool:
    return len(run[0]) <= 3 and all(len(group) == 3 for group in run[1:])


def spaced_code(place: Place) -> Reading:
    """A single group of digits after a word such as "code": 123-456."""
    found = _SHORT_CODE.match(place.text, place.start)
    if not found or place.before.lower() not in ("code", "pin", "is", "otp"):
        return None
    return read(f"{digits(found[1])} {digits(found[2])}", place, found.end(), "digits")
