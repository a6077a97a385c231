"""Short words that are an acronym, a key or an ordinary word, by what stands beside them: US, IT, AM, WHO, led, Del."""

from __future__ import annotations

from collections.abc import Callable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Before "US" in a line of capitals, where it means you and me.
_BEFORE_US = _words(
    "contact about follow join with for to of let tell call give visit find email mail meet support like text ask send show watch"
    " hear love remember from help at around among between against behind near beside under over after before without on upon"
    " trust choose rate review pay message write reach update inform notify sponsor thank teach bring keep make makes made take"
    " save see hire fund judge forgive bless lead leave remind offer offers cost costs want wants need needs all both than like"
    " excuse invite share befriend sue test try believe sponsor feed hug kiss hurt stop hold phone ring fax tag add know told"
    " gave showed sent asked helped including protect free"
)
_US_NOUNS = _words(
    "army navy government dollar dollars open president congress senate states troops market markets military forces citizens"
    " citizen postal treasury officials marines economy embassy election elections soldiers airways bank visa passport customs"
    " house supreme court history politics news exports imports stocks team border"
)
_IT_NOUNS = _words(
    "department departments support manager managers team teams service services security staff professional professionals"
    " specialist specialists director admin admins administrator helpdesk help infrastructure consultant consultants consulting"
    " industry systems system jobs job company companies sector solutions skills operations policy policies budget project"
    " projects technician training equipment training guy guys people pro pros crowd desk expert experts worker workers"
)
_WHO_VERBS = _words(
    "says said warns warned declares declared guidelines guideline report reports chief officials official director recommends"
    " recommended headquarters data figures estimates experts expert approves approved member members standards spokesperson"
    " spokesman scientists scientist statement guidance regional"
)
_LED_NOUNS = _words(
    "light lights lamp lamps strip strips bulb bulbs display displays screen screens tv tvs driver drivers matrix indicator"
    " indicators lighting panel panels monitor monitors backlight blink blinks lantern torch spotlight headlight headlights"
    " brightness color colour pin trigger"
)
_BEFORE_LED = _words("an the a status power rgb activity lock numlock capslock this each every blue white green red wifi flash")
_PRONOUNS = _words("he she they we i it who that which you and")
_AFTER_VERB = _words("to by the a him her them us me you up into from in with his their our my off away back out astray")
_BEFORE_DEL = _words("plus press hit push shift control ctrl alt or the pressing and key tap use")
_AFTER_DEL = _words("key keys button to")


def _beside(previous: str | None, following: str | None) -> tuple[str, str]:
    """The words next to it in its phrase, "" where there is none."""
    before, after = (previous or "").split()[-1:], (following or "").split()[:1]
    return (before[0] if before else "").strip(","), (after[0] if after else "").strip(",")


def _loud(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def reading(word: str, previous: str | None, following: str | None, is_word: Callable[[str], bool]) -> str:
    """"word", "spell", "delete", or "" where nothing is known of it.

    is_word: whether a word in capitals is an ordinary one, and not an acronym itself.
    """
    before, after = _beside(previous, following)
    lower = word.lower()
    if lower == "del":
        named = after[:1].isupper() and before.lower() != "plus"  # the Del Monte brand
        known = (before.lower() in _BEFORE_DEL and not named) or after.lower() in _AFTER_DEL
        return "delete" if word[0].isupper() and (known or not (before or after)) else "word"
    if lower == "led":
        if word.isupper():
            return "word" if before.lower() in _PRONOUNS and is_word(before) else "spell"
        if after.lower() in _AFTER_VERB and before.lower() != "an":
            return "word"
        if word.islower() and (after.lower() in _LED_NOUNS or (before.lower() in _BEFORE_LED and not _is_name(before))):
            return "spell"
        return "word"
    if not word.isupper():
        return ""
    loud = (_loud(before) and is_word(before)) or (_loud(after) and is_word(after))
    if lower == "us":
        known = loud and _loud(before) and before.lower() in _BEFORE_US and after.lower() not in _US_NOUNS
        return "word" if known else "spell"
    if lower == "it":
        noun = before == "THE" or after.lower() in _IT_NOUNS
        return "word" if (loud or before == "I") and not noun else "spell"
    if lower == "am":
        return "word" if before == "I" or after == "I" else "spell"
    if lower == "who" and (not loud or (before == "THE" and after.lower() in _WHO_VERBS)):
        organization = before.lower() in ("the", "by", "from", "at") or after.lower() in _WHO_VERBS
        return "spell" if organization else "word"
    return "word" if lower == "who" else ""


def _is_name(word: str) -> bool:
    """Whether a word before "led" is the subject of the verb: "The White led", and not "the white led"."""
    return word[:1].isupper() and word.lower() not in ("an", "the", "a", "this", "each", "every")


WORDS = frozenset(("us", "it", "am", "who", "led", "del"))
