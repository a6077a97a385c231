"""An hour of screen-reader traffic a day against the phrase cache: how many requests are answered without synthesis.

    python bench/replay.py [--seed 1] [--days 5] [--everything]

The traffic is made up, in the shape and the words that Orca uses: a desktop is unlocked, files are looked at, mail is
read and answered, settings are changed, a web page is explored and read, a terminal is used. Every request goes through
the real front end, and through the real cache with phrases of the right size; a request is a hit when all of its segments
are in the cache. It begins with the phrase packs only (as after installation and warming). Every day is a session of its
own: what is in memory is lost, the files and the pages are those of the day before, the mail is new.
--everything: what it would be if all that is spoken were kept on disk.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache as cache_results
from pathlib import Path

import numpy as np

from speechd_neural.audio.cache import PhraseCache
from speechd_neural.audio.phrase_file import CachedPhrase, key_for
from speechd_neural.config import CacheSection
from speechd_neural.core.discretion import Discretion, ordinary
from speechd_neural.core.warming import phrases
from speechd_neural.text.english.language import English
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Request, Segment, Settings

RATE, SECONDS = 24_000, 0.075  # of a voice in the box; how long a symbol sounds
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


def hour(rng: random.Random, own: random.Random) -> Traffic:
    """own: makes what is the same every day, the user's folder and the pages that are visited; the mail is new."""
    folder = [f"{own.choice(OTHERS)} {own.choice(NOUNS)}.{own.choice(FILES)}" for _ in range(25)]
    inbox = [(f"{rng.choice(NAMES)} {rng.choice(NAMES)}son", f"{rng.choice(NOUNS)} and {rng.choice(NOUNS)}") for _ in range(20)]
    pages = [[f"{own.choice(OTHERS)} {own.choice(NOUNS)}" for _ in range(8)] for _ in range(5)]
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


def phrase_for(segment: Segment) -> CachedPhrase:
    """As large as the sound of the segment would be, and empty."""
    samples = np.broadcast_to(np.int16(0), (int(len(segment.symbols) * SECONDS * RATE),))
    return CachedPhrase(samples, ((0, 0, 0),) * len(segment.symbols), np.zeros(len(samples) // 300, np.float32))


class Listener:
    """What the daemon does with a request, without the sound."""

    def __init__(self, folder: Path, day: int, memory_mb: float, everything: bool) -> None:
        self.everything = everything
        self.cache = PhraseCache(folder, memory_limit=int(memory_mb * 2**20), backlog=10_000, today=lambda: day)
        self.discretion = Discretion()

    def hears(self, request: Request, segments: list[Segment]) -> bool:
        """Whether all of it was in the cache; it is afterwards."""
        counts, hit = self.discretion.may_count(request), True
        for segment in segments:
            key = key_for("voice", segment.symbols, segment.text)
            if self.cache.get(key, said=counts and ordinary(segment, request)) is None:
                hit = False
                self.cache.put(key, phrase_for(segment), pack=self.everything)
        return hit

    def warm(self, segments: list[Segment]) -> None:
        for segment in segments:
            key = key_for("voice", segment.symbols, segment.text)
            if not self.cache.has_pack(key):
                self.cache.put(key, phrase_for(segment), pack=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--memory-mb", type=float, default=CacheSection().memory_mb)
    parser.add_argument("--everything", action="store_true")
    arguments = parser.parse_args()
    front_end = FrontEnd(English())

    @cache_results
    def segments(text: str, kind: Kind) -> list[Segment]:
        return [s for s in front_end.segments(text, kind, Settings()) if s.symbols and s.language is None]

    packs = [segment for phrase in phrases([English.phrase_packs]) for segment in segments(phrase.text, phrase.kind)]
    print(f"{len(packs)} segments in the packs; {arguments.memory_mb:g} MB of memory; each day one hour and a new session")
    with tempfile.TemporaryDirectory() as folder:
        for day in range(arguments.days):
            listener = Listener(Path(folder), 739_000 + day, arguments.memory_mb, arguments.everything)
            listener.warm(packs)
            total: Counter[str] = Counter()
            found: Counter[str] = Counter()
            for activity, kind, text in hour(random.Random(arguments.seed + day), random.Random(arguments.seed)):
                total[activity] += 1
                found[activity] += listener.hears(Request(1, text, kind), segments(text, kind))
            listener.cache.close()
            stats = listener.cache.stats(walk=True)
            print(f"day {day + 1}: {total.total()} requests, {found.total() / total.total():.1%} hits;", end=" ")
            print(f"said phrases on disk afterwards: {stats['said_entries']}")
            print("   " + ", ".join(f"{name} {found[name] / count:.0%} of {count}" for name, count in total.most_common()))


if __name__ == "__main__":
    main()
