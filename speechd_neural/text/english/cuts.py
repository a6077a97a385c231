"""Where English may be cut: abbreviations with a full stop that ends no sentence, and the words that begin a clause."""

from __future__ import annotations

from speechd_neural import expressions as re
from speechd_neural.text.segment import Cuts


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A full stop after these does not end a sentence.
TITLES = _words(
    "mr mrs ms mx dr prof rev fr gen col capt lt maj sgt cpl adm cmdr gov sen rep pres hon messrs mme insp det supt"
    " e.g eg i.e ie cf vs viz approx ca nos vol figs eq eqs pp art tel ext n° nº mlle mons cllr amb"
    " mio mrd sra br pvt mgr asst atty treas vols jct"
)
# After these it does if a word follows that begins sentences.
MAY_END = _words(
    "st mt ft feat dept est al ed eds jan feb mar apr jun jul aug sept sep oct nov dec co bros jr sr esq ave blvd rd ln hwy"
    " u.s u.s.a u.k u.n e.u d.c b.c a.d n.y l.a n.j n.c s.c b.c.e c.e ph.d m.d b.a m.a b.sc m.sc m.b.a d.phil j.d r.n"
    " hosp fed civ crim evid bankr"
)
# The same, where they have a capital letter.
_STATES = _words(
    "wash calif mass conn tenn fla penn ariz colo mich minn miss wis ill ind ore okla tex univ assn assoc intl natl govt"
)
_OF_THE_STATE = _words("va pa ga ky md ala ark nev mont")  # the Va. Tech team
MARKED_NAMES = _words("yahoo jeopardy oklahoma airplane wham mia rouge panic oliver guess")
# After these it does if a capital follows, but for what a company is said to have.
_COMPANIES = _words("etc inc ltd corp llc plc gmbh")
_OF_COMPANIES = _words("chief chairman chairwoman president vice ceo cfo cto executive board class spokesman spokeswoman founder")
# After these it does unless a number follows.
_BEFORE_NUMBERS = _words(
    "max min pt mon tue tues wed thu thur thurs fri sat sun rm fl bldg para rte rs apt ste no p fig sec ch"
    " cor matt isa jer eph thess op ep rt elev pop fn iss chap nr dep arr heb deut exod prov kgs chr ps eccl lic exp acct bs lat"
    " ver temp ex sc rom gal lev judg neh ezek hos mic hab zech mal lk jn chron thm prop ref refs"
)
_COUNTED_THINGS = re.compile(r"[0-9]{1,4}\s[a-z]{2}")
_INITIAL_NEXT = re.compile(r"[A-Z]\.\s[A-Z]")
_CODE_NEXT = re.compile(r"[A-Z]{1,4}[- ]?[0-9]")
_SHILLINGS = re.compile(r"[0-9]{1,2}s")
_PENCE = re.compile(r"[0-9]{1,2}(?:-[13]/[24])?\s?d\b")
_HOURS = re.compile(r"(?:[0-9]{1,3})?(?:h|hrs?|m|mins?)")
_MINUTES = re.compile(r"[0-9]{1,2}\s?(?:m|mins?|s|secs?)\b")
_MODE = re.compile(r"[-bcdlps](?:[r-][w-][xst-]){3}")  # of a file, with SELinux's dot: -rw-r--r--.
_FOREIGN_DATE = re.compile(
    r"(?:[–-]\s?[0-9]{1,2}\.\s?)?(?:Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember)\b|[–-]\s?[0-9]{1,2}\.\s"
)
_ROMAN = re.compile(r"[IVXLC]+\b")
# What belongs to a time of day.
_AFTER_TIMES = _words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september"
    " october november december mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec"
    " eastern central mountain pacific atlantic greenwich daylight standard local utc gmt mr mrs ms dr prof"
)
_ZONE = re.compile(r"[A-Z]{1,3}T\b|UTC\b|GMT\b")
_NEXT_WORD = re.compile(r"[\"'“‘(\[]*([^\W\d_]+)")
_WORD_BEFORE = re.compile(r"(\w[\w'’.-]*):?\s\Z")
# Before a letter that is no initial: vitamin C.
_LETTERED = _words(
    "vitamin plan hepatitis grade type group column row option section appendix part class room gate terminal exhibit"
    " team level drive key letter variant block line form unit platform building lot item answer series phase step case"
    " zone ward exit high middle low mr ms mrs dr point bus train track version model mark file page table side schedule annex"
)
OPENERS = _words(
    "the this that these those it he she we they you i a an in on at by for from with without if when while where what why"
    " how who whose which there here then thus so but and or yet because since after before during although though however"
    " meanwhile today yesterday tomorrow now no not yes my his her our their your its some many most all each every another"
    " let did do does is are was were would can could should please next also as once until unless even just never perhaps"
    " maybe nobody everyone everybody someone somebody nothing everything something thank thanks instead moreover"
    " therefore still later soon sometimes often have has had don didn isn aren wasn weren it's to see call"
)

_CLAUSE_WORDS = "but|because|which|who|when|while|where|whereas|if|although|though|unless|until|since|before|after|so that"


class EnglishCuts(Cuts):
    letter_words = frozenset("i")
    openers = OPENERS
    titles = TITLES
    marked_names = MARKED_NAMES
    affix = re.compile(r"(?:jr|sr|inc|ltd|llc|phd|ph\.d|md|m\.d|esq|[ivx]{1,4}|[a-z])\b", re.IGNORECASE)
    clauses = re.compile(rf"(?<=[a-z])\s+(?=(?:{_CLAUSE_WORDS})\s+[a-z])")
    phrases = re.compile(
        r"(?<=[a-z])\s+(?=(?:and|or|that|so|with|without|from|into|through|between|during|for|to|in|on|at|by)\s+[a-z])"
    )

    def after_stop(self, word: str, text: str, stop: int, at: int) -> bool | None:
        if text[at : at + 2] in ("+ ", "& ", "= "):  # €850/mo. + bills
            return False
        following = _NEXT_WORD.match(text, at)
        if _SHILLINGS.fullmatch(word) and _PENCE.match(text, at):
            return False
        if _HOURS.fullmatch(word) and _MINUTES.match(text, at):
            return False
        if _MODE.fullmatch(word):
            return False
        if word == "no" and _CODE_NEXT.match(text, at):
            return False
        if word.isdecimal() and len(word) < 3 and _FOREIGN_DATE.match(text, at):  # 3. Oktober, 10. – 12. Mai
            return False
        if word in _BEFORE_NUMBERS:
            numbered = text[at].isdigit() or text[at] == "#" or _ROMAN.match(text, at)
            return not numbered and word not in ("fig", "rm", "bldg", "apt", "ste", "pt")
        if word in TITLES:
            return False
        if word in ("a.m", "p.m"):
            zone = _ZONE.match(text, at) or (following and following[1].lower() in _AFTER_TIMES)
            return text[at] in "\"'“‘([" or (text[at].isupper() and not zone)
        if word == "inc" and text[stop - len(word)].islower():  # inc. VAT
            return False
        if word in _COMPANIES:
            return bool(following) and following[1][0].isupper() and following[1].lower() not in _OF_COMPANIES  # type: ignore[index]
        if word == "mar" and text[: stop - 4][-4:].strip().lower() == "del":
            return True  # a place: Viña del Mar
        if word in _OF_THE_STATE and text[max(0, stop - len(word) - 4) : stop - len(word)].lower() == "the ":
            return self.opens(text, at)
        if word in MAY_END or (word in _STATES and text[stop - len(word)].isupper()):
            return self.opens(text, at)
        if len(word) == 1 and word.isalpha():
            if _INITIAL_NEXT.match(text, at):  # Dr. I. M. Pei
                return False
            before = _WORD_BEFORE.search(text, max(0, stop - 25), stop - 1)
            if before and (before[1].lower().rstrip(".") in _LETTERED or (word in self.letter_words and before[1].islower())):
                return True
            if before and word not in "nsewivxjph" and text[stop - 1].isupper() and _COUNTED_THINGS.match(text, at):
                return "." not in before[1]  # written in C. 30 years later
            return bool(before) and self.opens(text, at)
        return None

    def goes_on(self, text: str, start: int, mark: int, at: int) -> bool:
        """Whether the sentence goes on behind a full stop, or a mark that belongs to a name: the Wash. Post, Yahoo! Mail."""
        word = text[start:mark].lower()
        known = word in (_STATES if text[mark] == "." else MARKED_NAMES) and text[start].isupper()
        return known and at < len(text) and (text[at].islower() or not self.opens(text, at))


CUTS = EnglishCuts()
