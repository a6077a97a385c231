"""An hour of screen-reader traffic against the phrase cache: how many requests are answered without synthesis.

    python bench/replay.py [--seed 1] [--hours 2]

The traffic is made up, in the shape and the words that Orca uses: a desktop is unlocked, files are looked at, mail is
read and answered, settings are changed, a web page is explored and read, a terminal is used. Every request goes through
the real front end; a request is a hit when all of its segments are in the cache. The cache begins with the phrase
packs only (as after installation and warming); the second hour is another one, with what the first one left behind.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from functools import cache as cache_results

from speechd_neural.audio.cache import key_for
from speechd_neural.core.warming import phrases
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Settings

Traffic = Iterator[tuple[str, Kind, str]]  # activity, kind, text



def words(text: str) -> list[str]:
    return text.split()


def labels(text: str) -> list[str]:
    return text.split("|")


NOUNS = words(
    "report meeting invoice photo letter garden budget holiday recipe ticket project music lecture river train village "
    "winter doctor printer school market window kitchen football concert museum dentist weather bicycle contract"
)
VERBS = words("sent moved needs found wants likes shows keeps brought forgot opened painted finished counted watched")
NAMES = words("Anna Ben Clara David Emma Frank Grace Henry Iris Jack Kate Leo Maria Nora Oscar Paula")
OTHERS = words("old new small quiet broken yellow early heavy simple famous strange empty local modern careful public")
FILES = ("txt", "pdf", "png", "ods", "mp3", "zip", "md", "html")
MENUS = {
    "File": labels("New|Open|Save|Save As|Print|Close|Quit"),
    "Edit": labels("Undo|Redo|Cut|Copy|Paste|Select All|Find|Preferences"),
    "View": labels("Zoom In|Zoom Out|Full Screen|Status Bar"),
    "Help": labels("Contents|Keyboard Shortcuts|About"),
}
SETTINGS = labels("Wi-Fi|Bluetooth|Notifications|Sound|Power|Display|Mouse|Keyboard|Printers|Accessibility|Privacy|Users")
DIALOG = ("Cancel", "Save", "OK", "Close", "No", "Yes")


def sentence(rng: random.Random) -> str:
    subject = rng.choice([rng.choice(NAMES), f"the {rng.choice(OTHERS)} {rng.choice(NOUNS)}"])
    end = rng.choice(["", f" before the {rng.choice(NOUNS)}", f", and {rng.choice(NAMES)} {rng.choice(VERBS)} it"])
    text = f"{subject} {rng.choice(VERBS)} the {rng.choice(OTHERS)} {rng.choice(NOUNS)}{end}."
    return text[0].upper() + text[1:]


def typing(rng: random.Random, text: str) -> Traffic:
    """Every key is echoed; now and then a mistake is taken back and looked at letter by letter."""
    for character in text:
        if rng.random() < 0.03:
            yield "typing", Kind.CHAR, rng.choice("abcdefghijklmnopqrstuvwxyz")
            yield "typing", Kind.KEY, "BackSpace"
        yield ("typing", Kind.KEY, "space") if character == " " else ("typing", Kind.CHAR, character)


def menus(rng: random.Random) -> Traffic:
    name = rng.choice(list(MENUS))
    yield "menus", Kind.TEXT, f"{name} menu"
    for entry in MENUS[name][: rng.randint(1, 8)]:
        yield "menus", Kind.TEXT, entry
    if rng.random() < 0.3:
        yield "menus", Kind.KEY, "Escape"


def dialog(rng: random.Random) -> Traffic:
    yield "dialogs", Kind.TEXT, rng.choice(["Do you want to save changes?", "Are you sure?", "Save As", "Find", "Preferences"])
    yield "dialogs", Kind.TEXT, "dialog"
    for _ in range(rng.randint(2, 6)):
        role = rng.choice(["button", "check box", "combo box", "radio button", "entry", "slider", "page tab"])
        label = rng.choice(DIALOG if role == "button" else SETTINGS)
        yield "dialogs", Kind.TEXT, label
        yield "dialogs", Kind.TEXT, role
        if role in ("check box", "radio button"):
            yield "dialogs", Kind.TEXT, rng.choice(["checked", "not checked", "selected", "not selected"])
        if role == "slider":
            yield "dialogs", Kind.TEXT, f"{rng.randrange(0, 101, 5)} percent"
        yield "dialogs", Kind.KEY, "Tab"


def files(rng: random.Random, folder: list[str]) -> Traffic:
    at = rng.randrange(len(folder))
    for step in range(rng.randint(3, 12)):
        yield "files", Kind.TEXT, folder[(at + step) % len(folder)]
        if step == 0:
            yield "files", Kind.TEXT, "list item"
    yield "files", Kind.TEXT, f"{rng.randint(1, 20)} of {len(folder)}"


def mail(rng: random.Random, inbox: list[tuple[str, str]]) -> Traffic:
    for name, subject in rng.sample(inbox, rng.randint(2, 6)):
        yield "mail", Kind.TEXT, name
        yield "mail", Kind.TEXT, subject
    for _ in range(rng.randint(2, 5)):
        yield "mail", Kind.TEXT, sentence(rng)


def web(rng: random.Random, page: list[str]) -> Traffic:
    for part in page:
        yield "web", Kind.TEXT, part
        if rng.random() < 0.5:
            yield "web", Kind.TEXT, rng.choice(["link", "visited link", "heading level 2", "button", "list item", "image"])
    for _ in range(rng.randint(2, 5)):
        yield "web", Kind.TEXT, sentence(rng)


def terminal(rng: random.Random) -> Traffic:
    command = rng.choice(["ls", "cd Documents", "git status", "make test", "python3 setup.py", "cat notes.txt"])
    yield from typing(rng, command)
    yield "terminal", Kind.KEY, "Return"
    yield "terminal", Kind.TEXT, f"{rng.choice(NOUNS)}.{rng.choice(FILES)} {rng.randint(100, 99999)}"


def review(rng: random.Random) -> Traffic:
    """A word is looked at again, letter by letter; the arrow keys go through the line by words."""
    word = rng.choice(NOUNS)
    yield "review", Kind.TEXT, word
    for character in word:
        yield "review", Kind.CHAR, character


def hour(rng: random.Random) -> Traffic:
    folder = [f"{rng.choice(OTHERS)} {rng.choice(NOUNS)}.{rng.choice(FILES)}" for _ in range(25)]
    inbox = [(f"{rng.choice(NAMES)} {rng.choice(NAMES)}son", f"{rng.choice(NOUNS)} and {rng.choice(NOUNS)}") for _ in range(20)]
    pages = [[f"{rng.choice(OTHERS)} {rng.choice(NOUNS)}" for _ in range(8)] for _ in range(5)]
    activities = (
        [lambda: typing(rng, sentence(rng))] * 40
        + [lambda: menus(rng)] * 60
        + [lambda: dialog(rng)] * 45
        + [lambda: files(rng, folder)] * 25
        + [lambda: mail(rng, inbox)] * 8
        + [lambda: web(rng, rng.choice(pages))] * 12
        + [lambda: terminal(rng)] * 20
        + [lambda: review(rng)] * 25
    )
    rng.shuffle(activities)
    for activity in activities:
        yield from activity()


class Kept:
    """The keys that a cache of `limit` phrases would hold."""

    def __init__(self, limit: int = 20_000) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._limit = limit

    def seen(self, key: str) -> bool:
        found = key in self._keys
        self._keys[key] = None
        self._keys.move_to_end(key)
        if len(self._keys) > self._limit:
            self._keys.popitem(last=False)
        return found

    def __len__(self) -> int:
        return len(self._keys)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=int, default=2)
    arguments = parser.parse_args()
    front_end, cache, settings = FrontEnd(English()), Kept(), Settings()

    @cache_results
    def keys(text: str, kind: Kind) -> list[str]:
        spoken = [s for s in front_end.segments(text, kind, settings) if s.symbols and s.language is None]
        return [key_for("voice", segment.symbols, segment.text) for segment in spoken]

    def hit(text: str, kind: Kind) -> bool:
        found = [cache.seen(key) for key in keys(text, kind)]
        return all(found)

    start = time.perf_counter()
    packs = phrases([English.phrase_packs])
    for phrase in packs:
        hit(phrase.text, phrase.kind)
    print(f"{len(packs)} phrases in the packs, {len(cache)} entries, read in {time.perf_counter() - start:.2f} s")
    for number in range(arguments.hours):
        total: Counter[str] = Counter()
        found: Counter[str] = Counter()
        for activity, kind, text in hour(random.Random(arguments.seed + number)):
            total[activity] += 1
            found[activity] += hit(text, kind)
        print(f"hour {number + 1}: {sum(total.values())} requests, {sum(found.values()) / sum(total.values()):.1%} hits")
        print("   " + ", ".join(f"{name} {found[name] / count:.0%} of {count}" for name, count in total.most_common()))


if __name__ == "__main__":
    main()
