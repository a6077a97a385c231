"""What a corpus holds beside sentences: what screen readers say, and sentences of other moods than a book's.

Nothing here is a sentence or list that a voice is tested with; `corpus_items` takes an --exclude file for these.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from speechd_neural.core.warming import phrases
from speechd_neural.text.english.language import English
from speechd_neural.types import Kind

TAKES_OF_LETTERS, TAKES_OF_DIGITS = 14, 8  # one letter misheard is one in 26
COMMON = 6000  # words of the sentences from which single words and labels are drawn


def _list(text: str) -> tuple[str, ...]:
    return tuple(" ".join(text.split()).split("|"))


LABELS = _list("""
Save file|Open recent|Print preview|Page setup|Send message|New
folder|Trash|Downloads|Documents|Music|Pictures|Firefox|Thunderbird|Address bar|Search or enter address|Reload this
page|Bookmarks|History|Inbox|Sent items|Drafts|Reply to all|Forward|Attach file|Subject|Log in|Log out|User
name|Remember me|Forgot your password|Sign up|Accept all cookies|Reject all|Add to cart|Check out|Zoom in|Zoom
out|Full screen|Word wrap|Line numbers|Find and replace|Match case|Whole words|Font size|Bold|Italic|Underline|Align
left|Insert table|Spelling|Language|Keyboard layout|Mouse and touchpad|Displays|Night light|Power
saver|Bluetooth|Wireless network|Airplane mode|Notifications|Do not disturb|Default applications|About this
computer|Software updates|Restart now|Shut down|Log files|Terminal
window|Calculator|Calendar|Clocks|Weather|Contacts|Maps|Videos|Camera|Archive manager|Disk usage|System
monitor|Accessibility|Large text|High contrast|Repeat keys|Sticky keys|Speech rate|Voice|Pitch|Output device|Input
level|Sound effects|Lock screen|Background|Privacy|Location services|Online accounts|Date and
time|Region|Printers|Removable media|Color profile|Color picker|Layers|Brush size|Opacity|Export as|Import
photos|Slide show|Next track|Previous track|Shuffle|Repeat|Playlist|Volume
up|Subtitles|Quality|Share|Like|Comment|Follow|Report a problem|Terms of use|Contact us|Help center|Frequently asked
questions
""")
ROLES = _list("""
button|toggle button|check box|radio button|menu item|combo box|list item|link|tab|heading level 1|heading level
2|heading level 3|entry|password text|slider|spin button|tree item|table cell|dialog|frame|panel|push
button|menu|icon|image
""")
STATES = _list("""
|checked|not checked|selected|not selected|expanded|collapsed|pressed|not pressed|unavailable|required|read only|has
popup|visited|invalid entry|1 of 4|2 of 7|3 of 12|5 of 9|12 of 36|50 percent|75 percent|blank
""")
MESSAGES = _list("""
You have {n} new messages.|{n} items selected.|Battery at {p} percent.|Battery low, {n} minutes left.|Download
complete.|Connection lost.|Connected to {w}.|Disconnected from {w}.|{n} updates are available.|Page has {n} headings
and {n} links.|Line {n} of {n}.|Column {n}.|Row {n} column {n}.|Page {n} of {n}.|Loading.|Still loading, please
wait.|No results.|{n} results found.|File saved.|File not found.|Permission denied.|Could not open {w}.|Are you sure
you want to delete {n} items?|Do you want to save changes to {w}?|Screen reader on.|Caps lock is on.|Num lock
off.|Focus mode.|Browse mode.|Speech rate {n}.|Volume {p} percent.|Copied to clipboard.|Nothing to paste.|Wrapping
to top.|Wrapping to bottom.|Not found.|Misspelled.|End of document.|Top of page.|Leaving table.|Table with {n} rows
and {n} columns.|List with {n} items.|Leaving list.|Process finished with exit code {n}.|{n} errors, {n}
warnings.|Build finished in {n} seconds.|Low disk space on {w}.|Printing page {n}.|Meeting starts in {n}
minutes.|Alarm set for {t}.|It is {t}.|Today is {d}.|Last modified {d}.|Sent on {d} at {t}.|From {w} to {w}.|Call
from {w}.|Message from {w}.|Unread, from {w}, {t}.|{p} percent copied.|{p} percent.|{n} minutes remaining.|Estimated
time {n} hours {n} minutes.
""")
QUESTIONS = _list("""
Do you want to {v} the {n}?|Where did you put the {n}?|Are you sure that the {n} is {a}?|What time does the {n}
{v}?|Why is the {n} so {a}?|How many {n}s do we need?|Who left the {n} near the {m}?|Can you {v} it without the
{n}?|Is it {a}, or is it {b}?|Which {n} would you rather {v}, the {a} one or the {b} one?|Did anybody see my
{n}?|Have you ever been to the {n}?|Shall we {v} it again?|When will the {n} be {a}?|Would you {v} this {n} for me,
please?|You didn't {v} the {n}, did you?|Really?|Why not?|What happened?|How are you?
""")
EXCLAMATIONS = _list("""
What a {a} {n}!|Don't {v} the {n}!|Great, the {n} is {a} again!|Watch out for the {n}!|That is not a {n}!|I can't
believe how {a} it was!|Stop!|Hurry up, the {n} is leaving!|Happy birthday!|Congratulations, you did it!|Never {v} a
{a} {n}!|Oh no, not the {m} again!
""")
CLAUSES = _list("""
"Give me the {n}," she said, "and I will {v} the {m}."|He asked, "Is the {n} {a}?"|"I have no {n}," said the old
man.|We need a {n}, a {m}, two {a} shirts, and some rope.|First {v} the {n}, then wait, and finally {w} the {m}.|If
the {n} is {a}, {v} it; otherwise leave the {m} alone.|The {n}, which had been {a} for years, was suddenly
{b}.|Although it was {a}, nobody wanted to {v} the {n}.|Red, green, blue, yellow, and black.|Apples, pears, plums,
and cherries.|On the one hand it is {a}; on the other hand, it is {b}.|Please {v} the {n} before you {w} the
{m}.|After lunch, we {v} the {n} and {w} the {m}.|My brother (the {a} one) likes to {v}.|Note: the {n} must be
{a}.|Three things matter: the {n}, the {m}, and time.|Yes, of course.|Well, let me see.|I'm afraid not.|Thank you
very much.|Good morning.|Good night, and thanks for coming.|It was {a}, it was {b}, and it was ours.|To {v} a {n}
you need a {m}.|The more you {v}, the less you {w}.
""")
NOUNS = _list("""
car|letter|computer|window|garden|bottle|picture|teacher|doctor|river|mountain|kitchen|engine|camera|ticket|station|newspaper|elephant|island|umbrella|orange|village|problem|question|answer|number|market|bridge|language|program|keyboard|message|package|blanket|ladder|candle|mirror|pocket|hammer|basket
""")
VERBS = _list("""
open|close|read|write|move|carry|paint|follow|repeat|answer|finish|deliver|remember|forget|borrow|return|measure|explain|discuss|collect|remove|replace|describe|prepare|avoid|enjoy|improve|notice|protect|support
""")
ADJECTIVES = _list("""
happy|empty|heavy|broken|beautiful|dangerous|expensive|quiet|early|modern|useful|terrible|wonderful|simple|careful|famous|ancient|comfortable|enormous|familiar|gentle|lonely|nervous|perfect|yellow|purple
""")
MONTHS = _list("January|February|March|April|May|June|July|August|September|October|November|December")
DAYS = _list("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday")
ENDINGS = _list("txt|pdf|jpg|png|mp3|zip|docx|html|py|conf|log|tar.gz")


def moods(count: int, rng: random.Random) -> Iterator[str]:
    """Questions, exclamations, lists, quotations and clauses."""
    for _ in range(count):
        (a, b), (n, m), (v, w) = rng.sample(ADJECTIVES, 2), rng.sample(NOUNS, 2), rng.sample(VERBS, 2)
        frame = rng.choice(rng.choice((QUESTIONS, QUESTIONS, EXCLAMATIONS, CLAUSES, CLAUSES)))
        yield frame.format(a=a, b=b, n=n, m=m, v=v, w=w)


def items(sentences: Sequence[str], count: int, rng: random.Random) -> Iterator[tuple[str, Kind]]:
    """`count` short texts: letters and digits in several takes, the phrase packs, and what `_one` draws."""
    found = [(letter, Kind.CHAR) for letter in "abcdefghijklmnopqrstuvwxyz"] * TAKES_OF_LETTERS
    found += [(digit, Kind.CHAR) for digit in "0123456789"] * TAKES_OF_DIGITS
    packs = English().phrase_packs
    found += [(phrase.text, phrase.kind) for phrase in (phrases([packs]) if packs else ()) if len(phrase.text) > 1]
    if count < 2 * len(found):  # a small corpus has a share of each
        found = rng.sample(found, min(len(found), count // 2))
    counts = Counter(word for sentence in sentences for word in re.findall(r"[a-z']{2,}", sentence.lower()))
    common = [word for word, _ in counts.most_common(COMMON)]
    weights = [counts[word] ** 0.3 for word in common]  # rare words are as good to learn from
    found += [(_one(index % 20, sentences, common, weights, rng), Kind.TEXT) for index in range(count - len(found))]
    yield from found


def _one(kind: int, sentences: Sequence[str], common: Sequence[str], weights: Sequence[float], rng: random.Random) -> str:
    """A text of one of 20 kinds, the more frequent ones several times."""
    word = rng.choices(common, weights)[0]
    if kind < 7:
        return word if rng.random() < 0.5 else word.capitalize()
    if kind < 10:
        label = rng.choice(LABELS) if rng.random() < 0.75 else word.capitalize()
        return f"{label} {rng.choice(ROLES)} {rng.choice(STATES)}".strip() if rng.random() < 0.8 else label
    if kind < 12:
        return _message(rng, common)
    if kind < 14:
        written = re.findall(r"[A-Za-z']+", rng.choice(sentences))
        start = rng.randrange(max(1, len(written) - 3))
        return " ".join(written[start : start + rng.randint(2, 5)]) + rng.choice(("", "", ".", ",", "?", "!"))
    if kind == 14:
        return ", ".join(word.replace("'", "").upper())
    if kind == 15:
        return " ".join(rng.choice("0123456789") for _ in range(rng.randint(2, 8)))
    if kind == 16:
        return str(rng.choice((rng.randint(0, 20), rng.randint(1, 100), rng.randint(100, 999), rng.randint(1000, 99999))))
    if kind == 17:
        return _date(rng) if rng.random() < 0.6 else _time(rng)
    if kind == 18:
        other = rng.choice((rng.choice(common), str(rng.randint(1, 2030))))
        return f"{word}{rng.choice(('', '_', '-'))}{other}.{rng.choice(ENDINGS)}"
    return rng.choice((
        f"${rng.randint(1, 999)}.{rng.randint(0, 99):02d}", f"{rng.randint(1, 900)} MB", f"{rng.randint(-20, 40)}°C",
        f"{rng.randint(1, 100)}%", f"+1 {rng.randint(200, 999)} 555 {rng.randint(1000, 9999)}",
        f"{rng.randint(1, 9)}.{rng.randint(0, 20)}.{rng.randint(0, 9)}",
    ))  # fmt: skip


def _message(rng: random.Random, words: Sequence[str]) -> str:
    text = rng.choice(MESSAGES)
    fillers = {
        "n": lambda: str(rng.choice((rng.randint(2, 12), rng.randint(2, 60)))), "p": lambda: str(rng.randint(1, 100)),
        "t": lambda: _time(rng), "d": lambda: _date(rng), "w": lambda: rng.choice(words).capitalize(),
    }  # fmt: skip
    return re.sub(r"\{(.)\}", lambda match: fillers[match[1]](), text)


def _time(rng: random.Random) -> str:
    return f"{rng.randint(1, 12)}:{rng.randint(0, 59):02d} {rng.choice(('AM', 'PM'))}"


def _date(rng: random.Random) -> str:
    month, day = rng.choice(MONTHS), rng.randint(1, 28)
    return rng.choice((
        f"{rng.choice(DAYS)}, {month} {day}", f"{month} {day}, {rng.randint(1950, 2030)}",
        f"{rng.randint(2000, 2030)}-{rng.randint(1, 12):02d}-{day:02d}",
    ))  # fmt: skip
