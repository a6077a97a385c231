"""What short forms of words stand for, by where they stand: before a name, before a number, anywhere."""

from __future__ import annotations

from speechd_neural.text.english.normalize.rules import words_of

# Before a name, with or without the period.
TITLES = {
    "mr": "mister", "mrs": "missus", "dr": "doctor", "prof": "professor", "messrs": "messieurs",
}  # fmt: skip
# Before a name, only with the period.
DOTTED_TITLES = {
    "gen": "general", "col": "colonel", "lt": "lieutenant", "capt": "captain", "sgt": "sergeant", "maj": "major",
    "gov": "governor", "sen": "senator", "rep": "representative", "pres": "president", "hon": "honorable",
    "rev": "reverend", "fr": "father", "cpl": "corporal", "pvt": "private", "cmdr": "commander", "adm": "admiral",
    "mt": "mount", "ft": "fort", "st": "saint", "supt": "superintendent", "insp": "inspector", "ms": "Ms",
    "mme": "madame", "mlle": "mademoiselle", "br": "brother", "det": "detective", "amb": "ambassador", "atty": "attorney",
    "pt": "point", "asst": "assistant", "mgr": "manager", "treas": "treasurer",
}  # fmt: skip
# Anywhere, only with the period.
DOTTED = {
    "etc": "et cetera", "vs": "versus", "approx": "approximately", "dept": "department", "inc": "incorporated",
    "ltd": "limited", "co": "company", "corp": "corporation", "ave": "avenue", "blvd": "boulevard", "rd": "road",
    "hwy": "highway", "apt": "apartment", "ste": "suite", "jr": "junior", "sr": "senior", "esp": "especially",
    "incl": "including", "misc": "miscellaneous", "tel": "telephone", "est": "established", "govt": "government",
    "bros": "brothers", "cf": "compare", "viz": "namely", "ca": "circa", "al": "al",
    "assn": "association", "univ": "university", "inst": "institute", "intl": "international",
    "natl": "national", "mfg": "manufacturing",
    "asst": "assistant", "attn": "attention", "ref": "reference", "resp": "respectively", "avg": "average",
    "max": "maximum", "min": "minimum", "temp": "temperature", "ext": "extension", "pkg": "package", "tbsp": "tablespoon",
    "tsp": "teaspoon", "doz": "dozen", "yr": "year", "yrs": "years", "hrs": "hours", "mins": "minutes",
    "secs": "seconds", "abbr": "abbreviation", "ed": "edition", "eds": "editors", "trans": "translated", "orig": "original",
    "acct": "account", "inv": "invoice", "qty": "quantity", "amt": "amount", "ea": "each",
    "ft": "feet", "lbs": "pounds", "nat": "national", "adj": "adjective", "adv": "adverb", "esq": "esquire",
}  # fmt: skip
# Before a number.
NUMBERED = {
    "no": "number", "nos": "numbers", "vol": "volume", "vols": "volumes", "p": "page", "pp": "pages", "fig": "figure",
    "figs": "figures", "eq": "equation", "eqs": "equations", "sec": "section", "ch": "chapter", "chap": "chapter",
    "ver": "version", "art": "article", "pt": "part", "para": "paragraph", "ext": "extension", "apt": "apartment",
    "tab": "table", "ep": "episode", "app": "appendix", "rte": "route", "rt": "route", "rm": "room", "ste": "suite",
    "ca": "circa", "c": "circa", "hwy": "highway",
    "op": "opus", "ex": "example", "l": "line", "nr": "number", "par": "paragraph", "bldg": "building", "fl": "floor",
    "jct": "junction", "lic": "license", "acct": "account", "exp": "expires", "tel": "telephone",
    "lat": "latitude", "elev": "elevation", "pop": "population", "fn": "footnote", "iss": "issue",
    "sc": "scene", "rev": "revision", "thm": "theorem", "prop": "proposition", "ref": "reference", "refs": "references",
}  # fmt: skip
# Without any period.
BARE = {
    "qty": "quantity", "vs": "versus", "etc": "et cetera", "approx": "approximately", "ctrl": "control",
    "fwd": "forward", "wwii": "World War two", "wwi": "World War one", "dept": "department", "incl": "including",
    "excl": "excluding", "avg": "average", "pkg": "package", "pkgs": "packages", "wkt": "wicket", "wkts": "wickets",
    "revd": "reverend", "cllr": "councillor",
    "pls": "please", "plz": "please", "thx": "thanks", "tmrw": "tomorrow", "sry": "sorry",
    "ltd": "limited", "esq": "esquire",
}  # fmt: skip
# Before a number, without a period.
BARE_NUMBERED = {
    "ln": "line", "col": "column", "hwy": "highway", "rte": "route", "rt": "route", "apt": "apartment", "ste": "suite",
    "rm": "room",
    "ext": "extension", "acct": "account", "vol": "volume", "vols": "volumes", "fig": "figure", "figs": "figures", "pp": "pages",
    "bldg": "building", "jct": "junction", "lat": "latitude", "yr": "year",
}  # fmt: skip
# Before a name, without a period too: Mt Everest, Sgt Pepper.
BARE_TITLES = words_of("mt ft lt col capt sgt maj cpl pvt cmdr supt insp rev gov sen mme mlle")
