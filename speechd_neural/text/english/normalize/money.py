"""Amounts of money."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.english.normalize.numbers import amount, cardinal, english_decimal
from speechd_neural.text.english.normalize.rules import Place, Reading, letters, pattern, read

# symbol or code: singular, plural, hundredth singular, hundredth plural
_CENT = ("cent", "cents")
CURRENCIES: dict[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", *_CENT),
    "€": ("euro", "euros", *_CENT),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₽": ("ruble", "rubles", "kopek", "kopeks"),
    "₩": ("won", "won", "jeon", "jeon"),
    "₪": ("shekel", "shekels", "agora", "agorot"),
    "₺": ("lira", "lira", "kurus", "kurus"),
    "₴": ("hryvnia", "hryvnias", "kopiyka", "kopiyky"),
    "₫": ("dong", "dong", "hao", "hao"),
    "฿": ("baht", "baht", "satang", "satang"),
    "₦": ("naira", "naira", "kobo", "kobo"),
    "₱": ("peso", "pesos", "centavo", "centavos"),
    "₿": ("bitcoin", "bitcoins", "hundredth", "hundredths"),
    "US$": ("U S dollar", "U S dollars", *_CENT),
    "C$": ("Canadian dollar", "Canadian dollars", *_CENT),
    "CA$": ("Canadian dollar", "Canadian dollars", *_CENT),
    "A$": ("Australian dollar", "Australian dollars", *_CENT),
    "AU$": ("Australian dollar", "Australian dollars", *_CENT),
    "NZ$": ("New Zealand dollar", "New Zealand dollars", *_CENT),
    "HK$": ("Hong Kong dollar", "Hong Kong dollars", *_CENT),
    "S$": ("Singapore dollar", "Singapore dollars", *_CENT),
    "R$": ("real", "reais", "centavo", "centavos"),
    "NT$": ("Taiwan dollar", "Taiwan dollars", *_CENT),
    "MX$": ("Mexican peso", "Mexican pesos", "centavo", "centavos"),
    "CN¥": ("yuan", "yuan", "fen", "fen"),
    "JP¥": ("yen", "yen", "sen", "sen"),
    "₸": ("tenge", "tenge", "tiyn", "tiyn"),
    "₾": ("lari", "lari", "tetri", "tetri"),
    "₡": ("colon", "colones", "centimo", "centimos"),
    "₲": ("guarani", "guaranis", "centimo", "centimos"),
    "₵": ("cedi", "cedis", "pesewa", "pesewas"),
    "₼": ("manat", "manats", "qepik", "qepik"),
    "₮": ("tugrik", "tugriks", "mongo", "mongo"),
    "₭": ("kip", "kip", "att", "att"),
    "৳": ("taka", "taka", "poisha", "poisha"),
    "៛": ("riel", "riels", "sen", "sen"),
    "USD": ("U S dollar", "U S dollars", *_CENT),
    "EUR": ("euro", "euros", *_CENT),
    "GBP": ("British pound", "British pounds", "penny", "pence"),
    "JPY": ("Japanese yen", "Japanese yen", "sen", "sen"),
    "CHF": ("Swiss franc", "Swiss francs", "rappen", "rappen"),
    "CAD": ("Canadian dollar", "Canadian dollars", *_CENT),
    "AUD": ("Australian dollar", "Australian dollars", *_CENT),
    "NZD": ("New Zealand dollar", "New Zealand dollars", *_CENT),
    "INR": ("Indian rupee", "Indian rupees", "paisa", "paise"),
    "CNY": ("Chinese yuan", "Chinese yuan", "fen", "fen"),
    "RUB": ("Russian ruble", "Russian rubles", "kopek", "kopeks"),
    "SEK": ("Swedish krona", "Swedish kronor", "öre", "öre"),
    "NOK": ("Norwegian krone", "Norwegian kroner", "øre", "øre"),
    "DKK": ("Danish krone", "Danish kroner", "øre", "øre"),
    "PLN": ("Polish zloty", "Polish zlotys", "grosz", "groszy"),
    "CZK": ("Czech koruna", "Czech korunas", "haler", "halers"),
    "HUF": ("Hungarian forint", "Hungarian forints", "filler", "fillers"),
    "BRL": ("Brazilian real", "Brazilian reais", "centavo", "centavos"),
    "MXN": ("Mexican peso", "Mexican pesos", "centavo", "centavos"),
    "ZAR": ("South African rand", "South African rand", *_CENT),
    "KRW": ("South Korean won", "South Korean won", "jeon", "jeon"),
    "BTC": ("bitcoin", "bitcoins", "hundredth", "hundredths"),
    "AED": ("dirham", "dirhams", "fils", "fils"),
    "SAR": ("Saudi riyal", "Saudi riyals", "halala", "halalas"),
    "SGD": ("Singapore dollar", "Singapore dollars", *_CENT),
    "HKD": ("Hong Kong dollar", "Hong Kong dollars", *_CENT),
    "TWD": ("Taiwan dollar", "Taiwan dollars", *_CENT),
    "THB": ("Thai baht", "Thai baht", "satang", "satang"),
    "MYR": ("Malaysian ringgit", "Malaysian ringgit", "sen", "sen"),
    "IDR": ("Indonesian rupiah", "Indonesian rupiah", "sen", "sen"),
    "VND": ("Vietnamese dong", "Vietnamese dong", "hao", "hao"),
    "KES": ("Kenyan shilling", "Kenyan shillings", *_CENT),
    "NGN": ("Nigerian naira", "Nigerian naira", "kobo", "kobo"),
    "GHS": ("Ghanaian cedi", "Ghanaian cedis", "pesewa", "pesewas"),
    "EGP": ("Egyptian pound", "Egyptian pounds", "piastre", "piastres"),
    "UAH": ("Ukrainian hryvnia", "Ukrainian hryvnias", "kopiyka", "kopiyky"),
    "ILS": ("Israeli shekel", "Israeli shekels", "agora", "agorot"),
    "PKR": ("Pakistani rupee", "Pakistani rupees", "paisa", "paise"),
    "BDT": ("taka", "taka", "poisha", "poisha"),
    "CLP": ("Chilean peso", "Chilean pesos", "centavo", "centavos"),
    "ARS": ("Argentine peso", "Argentine pesos", "centavo", "centavos"),
    "BGN": ("Bulgarian lev", "Bulgarian leva", "stotinka", "stotinki"),
    "ISK": ("Icelandic krona", "Icelandic kronur", "eyrir", "aurar"),
}
# Other ways to write a currency, behind the amount or (Rs) before it.
CURRENCIES |= {
    "kr": ("krone", "kroner", "øre", "øre"), "zł": ("zloty", "zlotys", "grosz", "groszy"),
    "Kč": ("koruna", "korunas", "haler", "halers"),
    "Ft": ("forint", "forints", "filler", "fillers"), "Rs": CURRENCIES["₹"], "Rs.": CURRENCIES["₹"], "₨": CURRENCIES["₹"],
    "Rp": ("rupiah", "rupiah", "sen", "sen"),
    "RM": ("ringgit", "ringgit", "sen", "sen"), "KSh": ("shilling", "shillings", *_CENT),
}  # fmt: skip
WORDS = frozenset(code.lower() for code in CURRENCIES if code.isalpha())
_PAIR = re.compile(r"([A-Z]{3})/([A-Z]{3})(?![\w/])")
SYMBOL = r"(?:(?:US|CA|C|AU|A|NZ|HK|S|R|NT|MX)?\$|(?:CN|JP)?¥|[€£₹₽₩₪₺₴₫฿₦₱₿₸₾₡₲₵₼₮₭৳៛])"
SYMBOLS = "".join(symbol for symbol in CURRENCIES if len(symbol) == 1)
ISO_CODES = "|".join(code for code in CURRENCIES if len(code) == 3 and code.isalpha() and code.isascii() and code.isupper())
_ISO_CODE = f"(?:{ISO_CODES})"
_SCALES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "mm": "million", "MM": "million",
    "b": "billion", "B": "billion", "bn": "billion", "tn": "trillion", "T": "trillion",
    "L": "lakh", "Cr": "crore", "cr": "crore", "lakhs": "lakh", "crores": "crore", "Mio": "million", "Mrd": "billion",
}  # fmt: skip
_SCALE = (
    r"(?:(?:\s|-(?=[a-z]{2}))?(lakh crore|lakhs?|crores?|[Cc]r|[Hh]undred"
    r"|[Tt]housand|[Mm]illions?|[Bb]illions?|[Tt]rillions?|[gz]illion"
    r"|mn|bn|tn|Mio|Mrd)\b(?:(?<=Mio"
    r"|Mrd)\.(?=\s?[€A-Z$£]))?"
    r"|((?: (?=[bBMK](?![\w)])|m(?=[.,;:!?]?(?:\s|\Z)))|)(?:k|K|MM|mm|m|M|b|B|T|L))(?!\w))"
)
_PER = (
    r"(?:\s?/\s?(month|year|hour|h|day|week|night|user|person|pp|pax|(?:mo|yr|hr|wk)\b(?:\.(?=\s?[-+&,;)a-z]))?|"
    r"kg|lb|gal|unit|GB|min|minute|l|L|liter|litre|kWh|km|share|piece|pcs|bbl|oz|100\s?g|100\s?ml|[a-z]{4,12}(?!/))(?!\w))"
)
# What may follow an amount and belongs to it: /- for the end, USD behind $, the currency once more in words, p.a.
_TAIL = (
    r"(?:/-|,[-–—]{1,2}|\.[-–—](?!\w)|\s?(USD|CAD|AUD|NZD|SGD|HKD|MXN)(?!\w)|\s(?:dollars?|euros?|pounds|rupees|yen)(?!\w)"
    r"|\s?(pp|p\.p\.|p\.a\.|pcm|p\.c\.m\.|pw|p\.w\.)(?!\w))?"
)
_RATES = {"pp": "person", "pa": "annum", "pcm": "calendar month", "pw": "week"}
_BEFORE = pattern(
    rf"([-−+]?)({SYMBOL}|{_ISO_CODE}(?=\s?[0-9])|Rs\.?(?=\s?[0-9])|₨|Rp\.?(?=\s?[0-9])|kr\.?(?=\s[0-9])|KSh(?=\s?[0-9])"
    rf"|RM(?=[0-9]|\s{{1,2}}[0-9,]{{1,12}}\.[0-9]{{2}}(?!\w)|\s\s[1-9]))(?:\s?([-−]))?\s{{0,2}}(<decimal>){_SCALE}?"
    rf"(?:(?:\s[-–—]\s|[-–—]){SYMBOL}?(<decimal>)(?!\.[0-9]){_SCALE}?(?!\w))?(?!(?!p?p(?!\w)|pcm|pw)\w){_PER}?{_TAIL}"
)
_AFTER = pattern(
    rf"([-−+]?)(<decimal>)(?:\s?[-–]\s?(<decimal>))?{_SCALE}?\s?({SYMBOL}(?!\s?[0-9])|(?<=[kM])€|¢|kr|zł|Kč|{_ISO_CODE})(?!\w){_PER}?"
)
# Before these an amount is an adjective: a twenty dollar bill.
_DESCRIBES = re.compile(
    r"[ -](?:bills?|notes?|coins?|checks?|gift|fine|tickets?|tip|fee|discount|coupon|voucher"
    r"|budget|deposit|bonus|donation|grant|loan|investment|prize|reward|limit|refund|credit|payment|penalty|rebate|salary|bounty)\b"
)
# Codes that are words too: two CAD files.
_WORDS_TOO = ("CAD", "SAR")
_DESCRIBED = re.compile(
    r"\s(?!(?:per|a|for|and|or|to|in|is|was|at|each|worth|more|less|off|on|from|of|by|as|with|plus|vs)\b)[a-z]{2}"
)
_OLD_PENCE = re.compile(
    r"(?:£\s?([0-9]{1,3}(?:,[0-9]{3}){0,3})[.,]?\s)?([0-9]{1,2})\s?s\.,?\s?([0-9]{1,2})(?:-(1/2|1/4|3/4))?\s?d(?![\w])"
)
_CLOTTING = re.compile(r"INR\s[0-9]\.[0-9](?!\w)")  # how fast blood clots, and no rupees
_BILLS = re.compile(r"\$(1|2|5|10|20|50|100)s(?!\w)")
_CENTS_BEFORE = re.compile(r"¢\s?([0-9]{1,3})(?![\w.,:])")
_EURO_INSIDE = re.compile(r"([0-9]{1,6})€([0-9]{2})(?!\w)")
_PERIODS = {
    "pp": "person", "pax": "person", "mo": "month", "yr": "year", "hr": "hour", "h": "hour", "wk": "week", "kg": "kilogram",
    "lb": "pound", "gal": "gallon", "GB": "gigabyte", "min": "minute", "l": "liter", "L": "liter", "litre": "liter",
    "kWh": "kilowatt hour", "km": "kilometer", "pcs": "piece", "bbl": "barrel", "oz": "ounce", "100g": "one hundred grams",
    "100ml": "one hundred milliliters",
}  # fmt: skip


def spoken_amount(text: str, currency: str, scale: str = "") -> str:
    """"3.50", "$" -> "three dollars and fifty cents"; "3.5", "$", "million" -> "three point five million dollars"."""
    one, many, small_one, small_many = CURRENCIES[currency]
    text = english_decimal(text.replace(" ", ""))
    if scale:
        return f"{_grouped(text)} {scale} {many}"
    whole, _, part = text.partition(".")
    whole = whole.replace(",", "") or "0"
    if len(whole) > 66:
        return f"{amount(text)} {many}"
    if part and (len(part) != 2 or currency in ("₿", "BTC")):
        return f"{amount(text)} {many}"
    units = f"{cardinal(int(whole))} {one if int(whole) == 1 else many}"
    if not part or part == "00":
        return units
    cents = f"{cardinal(int(part))} {small_one if int(part) == 1 else small_many}"
    return cents if int(whole) == 0 else f"{units} and {cents}"


def _scale(word: str | None, letter: str | None) -> str:
    """The power of ten behind an amount, as a word ("million") or a letter ("M"); "" for none."""
    word = word.removesuffix("s") if word and word.endswith("illions") else word  # $1.2 millions
    scale = word.lower() if word and word.istitle() and word.lower().endswith(("illion", "thousand", "hundred")) else word
    scale = scale or (letter or "").strip()
    return _SCALES.get(scale, scale)


def _grouped(text: str) -> str:
    """An amount of money has no codes in it: a long run of digits is still a number."""
    whole, dot, part = text.partition(".")
    bare = whole.replace(",", "")
    words = cardinal(int(bare)) if bare and len(bare) < 66 else amount(whole) if whole else ""
    return (words + " " + amount("." + part)).strip() if dot else words


def currency_pair(place: Place) -> Reading:
    """EUR/USD: two codes, and no amount of either."""
    found = _PAIR.match(place.text, place.start)
    if not found or found[1] not in CURRENCIES or found[2] not in CURRENCIES:
        return None
    return read(f"{letters(found[1])} {letters(found[2])}", place, found.end(), "code")


def old_pence(place: Place) -> Reading:
    """2s. 3d., £12 2s. 3d.: the money of old books. Seconds never stand before days."""
    found = _OLD_PENCE.match(place.text, place.start)
    if not found:
        return None
    pounds, shillings, pence, part = found.groups()
    words = f"{cardinal(int(pounds.replace(',', '')))} {'pound' if pounds == '1' else 'pounds'} " if pounds else ""
    words += f"{cardinal(int(shillings))} {'shilling' if shillings == '1' else 'shillings'} "
    half = {"1/2": " and a half", "1/4": " and a quarter", "3/4": " and three quarters", None: ""}[part]
    words += f"{cardinal(int(pence))}{half} {'penny' if pence == '1' and not part else 'pence'}"
    return read(words, place, found.end(), "money")


def money(place: Place) -> Reading:
    """$5, -$3.50, US$3.5 million, €5-10, 5 USD, 50¢, $5/month."""
    found = _BEFORE.match(place.text, place.start)
    if found and found[2] == "INR" and _CLOTTING.match(place.text, place.start):
        found = None
    if found:
        sign, currency, second_sign, first, scale, letter, last, last_scale, last_letter, per, code, rate = found.groups()
        currency = (code if currency == "$" and code else currency).rstrip(".")
        scale, end_scale = _scale(scale, letter), _scale(last_scale, last_letter)
        if last:
            head = spoken_amount(first, currency, scale) if scale or ("." in first and not end_scale) else _grouped(first)
            words = f"{head} to {spoken_amount(last, currency, end_scale)}"
        else:
            words = spoken_amount(first, currency, scale)
            one, many, *_ = CURRENCIES[currency]
            determiners = ("a", "an", "the", "its", "his", "her", "their", "this") if scale else ("a", "an")
            sized = _DESCRIBED.match(place.text, found.end()) and (
                place.before.lower() in determiners or (scale and "-" + scale in found[0])  # a $1.8-billion deal
            )
            sized = sized or found[0].endswith((" dollar", " euro"))  # a $5 dollar bill
            if many != one and words.endswith(many) and (sized or _DESCRIBES.match(place.text, found.end())):
                words = words.removesuffix(many) + one
        if sign or second_sign:
            words = ("plus " if sign == "+" else "minus ") + words
        if per or rate:
            per = per and per.replace("\xa0", "").replace(" ", "").rstrip(".")
            words += f" per {_PERIODS.get(per, per) if per else _RATES[rate.replace('.', '')]}"
        return read(words, place, found.end(), "money")
    found = _BILLS.match(place.text, place.start)
    if found:  # $20s and $50s
        return read(f"{cardinal(int(found[1]))} dollar bills", place, found.end(), "money")
    found = _CENTS_BEFORE.match(place.text, place.start)
    if found:  # ¢75
        return read(f"{_grouped(found[1])} {'cent' if found[1] == '1' else 'cents'}", place, found.end(), "money")
    found = _EURO_INSIDE.match(place.text, place.start)
    if found:  # 3€50
        return read(spoken_amount(f"{found[1]}.{found[2]}", "€"), place, found.end(), "money")
    found = _AFTER.match(place.text, place.start)
    if not found or (found[6] in _WORDS_TOO and _DESCRIBED.match(place.text, found.end())):
        return None
    sign, first, last, scale, letter, currency, per = found.groups()
    scale = _scale(scale, letter)
    if currency == "¢":
        words = f"{_grouped((last or first).replace(' ', ''))} {'cent' if first == '1' and not last else 'cents'}"
    else:
        words = spoken_amount(last or first, currency, scale)
    if last:
        words = f"{_grouped(first)} to {words}"
    if sign:
        words = ("plus " if sign == "+" else "minus ") + words
    if per:
        words += f" per {_PERIODS.get(per.rstrip('.'), per)}"
    return read(words, place, found.end(), "money")
