import threading

import pytest

from speechd_neural.errors import SpeechError
from speechd_neural.text.english.pronounce.dictionary import Dictionary, write
from speechd_neural.text.english.pronounce.heteronyms import Heteronyms
from speechd_neural.text.english.pronounce.lexicon import PackagedLexicon
from speechd_neural.text.english.pronounce.pronouncer import DATA, Pronouncer, fold
from speechd_neural.text.english.symbols import PHONES


@pytest.fixture(scope="module")
def pronouncer():
    return Pronouncer()


@pytest.mark.parametrize(
    ("word", "phones", "why"),
    [
        ("hello", "hh ax l ow1", "dictionary"),
        ("Hello", "hh ax l ow1", "dictionary"),
        ("HELLO", "hh ax l ow1", "dictionary"),
        ("and", "ae1 n d", "dictionary"),
        ("to", "t ax", "dictionary"),
        ("her", "hh er0", "dictionary"),
        ("in", "ih0 n", "dictionary"),
        ("wanted", "w aa1 n t ax d", "dictionary"),
        ("started", "s t aa1 r t ax d", "dictionary"),
        ("a", "ax", "dictionary"),
        ("used", "y uw1 z d", "dictionary"),
        ("linux", "l ih1 n ax k s", "lexicon"),
        ("NASA", "n ae1 s ax", "lexicon"),
        ("GIF", "jh ih1 f", "lexicon"),
        ("JPEG", "jh ey1 p eh2 g", "lexicon"),
        ("SQL", "s iy1 k w ax l", "lexicon"),
        ("GNOME", "g ax n ow1 m", "lexicon"),
        ("KDE", "k ey2 d iy2 iy1", "lexicon"),
        ("URLs", "y uw2 aa2 r eh1 l z", "lexicon"),
        ("gtk", "jh iy2 t iy2 k ey1", "lexicon"),
        ("IBM", "ay2 b iy2 eh1 m", "letters"),
        ("bzr", "b iy2 z iy2 aa1 r", "letters"),
        ("CRTs", "s iy2 aa2 r t iy1 z", "letters"),
        ("it", "ih1 t", "dictionary"),
        ("IT", "ay2 t iy1", "letters"),
        ("us", "ah1 s", "dictionary"),
        ("US", "y uw2 eh1 s", "letters"),
        ("OFF", "ao1 f", "dictionary"),
        ("café", "k ae0 f ey1", "dictionary"),
        ("don’t", "d ow1 n t", "dictionary"),
        ("Bjørn", "b y ao1 r n", "dictionary"),
        ("unmuted", "ah2 n m y uw1 t ax d", "morphology: un+muted"),
        ("linux's", "l ih1 n ax k s ax z", "morphology: linux+'s"),
        ("unclickable", "ah2 n k l ih1 k ax b ax l", "morphology: un+click+able"),
        ("reloading", "r iy0 l ow1 d ih0 ng", "morphology: reload+ing"),
        ("pentest", "p eh1 n t eh2 s t", "morphology: pen+test"),  # not pent+est
        ("kdump", "k ey2 d ah1 m p", "letters: k+dump"),
        ("nftables", "eh2 n eh2 f t ey1 b ax l z", "letters: nf+tables"),
        ("xinput", "eh2 k s ih1 n p uh2 t", "letters: x+input"),
        ("openvpn", "ow2 p ax n v iy2 p iy2 eh1 n", "letters: open+vpn"),
        ("résumé", "r eh1 z ax m ey2", "lexicon"),
        ("re\u0301sume\u0301s", "r eh1 z ax m ey2 z", "lexicon"),
        ("microservice", "m ay1 k r ow0 s er2 v ax s", "morphology: micro+service"),
        ("microeconomics", "m ay2 k r ow0 eh2 k ax n aa1 m ih0 k s", "dictionary"),
        ("reparseability", "r iy0 p aa2 r s ax b ih1 l ax t iy0", "morphology: re+parse+ability"),
        ("application", "ae2 p l ax k ey1 sh ax n", "dictionary"),
        ("exposé", "eh2 k s p ow0 z ey1", "lexicon"),
    ],
)
def test_words(pronouncer, word, phones, why):
    said, reason = pronouncer.phones(word)
    assert (" ".join(said), reason) == (phones, why)


@pytest.mark.parametrize("word", ["lviv", "mkhitaryan", "zverev", "szczepanski", "tbilisi", "srinivasan", "hrvatska"])
def test_names_that_begin_with_many_consonants_are_not_spelled(pronouncer, word):
    assert "letters:" not in pronouncer.phones(word)[1]


@pytest.mark.parametrize(("word", "sound"), [("Vukašin", "sh"), ("Ibrahimović", "ch"), ("Ngapé", "ey1"), ("Željko", "zh")])
def test_marks_of_letters_tell_how_unknown_names_sound(pronouncer, word, sound):
    assert sound in pronouncer.phones(word)[0]


@pytest.mark.parametrize(
    ("following", "expected"),
    [("apple", "dh iy0"), ("hour", "dh iy0"), ("URL", "dh ax"), ("one", "dh ax"), ("use", "dh ax"), ("file", "dh ax"),
     ("HTML", "dh iy0"), (None, "dh ax")],
)  # fmt: skip
def test_the_before_sounds_not_letters(pronouncer, following, expected):
    assert " ".join(pronouncer.phones("The", None, following)[0]) == expected


@pytest.mark.parametrize(
    ("before", "word", "after", "reading"),
    [
        ("to", "record", None, "verb"),
        ("a", "record", None, "noun"),
        ("the", "records", "of", "noun+s"),
        ("was", "recorded", None, "verb+ed"),
        ("is", "recording", "audio", "verb+ing"),
        ("have", "read", "it", "past"),
        ("to", "read", None, "verb"),
        (None, "Read", "more", "verb"),
        (None, "Close", None, "verb"),
        ("to", "close", "the", "verb"),
        ("a", "close", "friend", "adj"),
        ("is", "closed", None, "verb+ed"),
        ("the", "use", "of", "noun"),
        ("to", "use", "it", "verb"),
        (None, "Use", "the", "verb"),
        ("the", "wind", "blew", "noun"),
        ("to", "wind", "up", "verb"),
        ("they", "live", "in", "verb"),
        (None, "Live", "regions", "adj"),
        ("a", "live", "stream", "adj"),
        ("the", "lead", "pipe", "metal"),
        ("to", "lead", "them", "verb"),
        ("will", "object", "to", "verb"),
        ("this", "object", None, "noun"),
        ("the", "project", "is", "noun"),
        ("we", "project", "that", "verb"),
        ("the", "content", "of", "noun"),
        ("she", "presents", "it", "verb+s"),
        ("the", "presents", None, "noun+s"),
        ("can", "separate", "them", "verb"),
        ("a", "separate", "window", "adj"),
        ("to", "estimate", "the", "verb"),
        ("an", "estimate", None, "noun"),
        ("five", "minutes", "ago", "noun+s"),
        ("an", "invalid", "value", "adj"),
        ("will", "tear", "it", "verb"),
        ("a", "tear", "fell", "noun"),
        ("the", "desert", None, "noun"),
        ("to", "desert", "them", "verb"),
        ("the", "minute", "hand", "noun"),
        (None, "minute", "details", "tiny"),
        (None, "Resume", "playback", "verb"),
        ("your", "resume", None, "noun"),
        (None, "Bass", "boost", "noun"),
        ("sea", "bass", None, "fish"),
        ("he", "dove", "into", "past"),
        ("white", "dove", None, "noun"),
        (None, "sow", "the", "verb"),
        ("the", "sow", None, "noun"),
        (None, "Polish", None, "name"),
        (None, "Polish", "your", "verb"),
        (None, "polish", "it", "verb"),
        (None, "wound", "up", "past"),
        ("gunshot", "wound", None, "noun"),
        (None, "Record", "audio", "verb"),
        (None, "record", "number", "noun"),
        (None, "refuse", "collection", "noun"),
        (None, "Duplicate", "tab", "verb"),
        ("the", "duplicate", "tab", "adj"),
        (None, "increase", "in", "noun"),
        (None, "Export", "as", "verb"),
        ("he", "lives", "here", "verb+s"),
        ("nine", "lives", None, "adj+s"),
        (None, "Close", "to", "adj"),
        ("messages", "read", None, "past"),
    ],
)
def test_heteronyms_follow_their_neighbours(pronouncer, before, word, after, reading):
    assert pronouncer.phones(word, before, after)[1].split(" (")[0] == f"heteronym: {reading}"


def test_every_packaged_pronunciation_is_in_the_voice_table():
    known = set(PHONES) - {"ah0"}
    heteronyms = Heteronyms()
    allowed = set(PHONES)
    for word in heteronyms:
        readings = heteronyms.readings(word)
        assert len(set(readings.values())) > 1, word
        for phones in readings.values():
            assert set(phones) <= allowed, word
    technical = PackagedLexicon(DATA / "tech.txt")
    pronouncer = Pronouncer()
    for entry in technical:
        word = entry.rstrip("!")
        spoken = technical.find(word)
        assert spoken is not None, entry
        said = pronouncer.phones(word)[0]
        assert said and set(said) <= known, entry


def test_all_of_the_dictionary_is_found_in_order():
    dictionary = Dictionary()
    assert len(dictionary) > 120_000
    assert dictionary.get("zoom") == ("z", "uw1", "m")
    # Each word sorts before its own beginnings' other continuations: found from both sides.
    for word in "nigh night nights nightly can can't cant don't ha hah a aaa zywicki co co-op".split():
        assert dictionary.get(word), word
    for missing in ("", "zzzzzzz", "hellp", "hell0", "ünder", "a" * 500, "'"):
        assert dictionary.get(missing) is None
    assert "cat" in dictionary and "cats" in dictionary


def test_every_word_that_was_packed_is_found(tmp_path):
    words = ["a", "ab", "ab's", "abc", "b", "ba", "b-a", "b.", "zz"]
    entries = [(word, tuple(PHONES[(i + j) % len(PHONES)] for j in range(i + 1))) for i, word in enumerate(words)]
    path = tmp_path / "words.bin"
    write(path, entries)
    packed = Dictionary(path)
    assert [(word, packed.get(word)) for word in words] == entries
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SpeechError, match="reinstall"):
        Dictionary(path)


def test_technical_lexicon_can_be_left_out():
    assert Pronouncer(technical=False).phones("nginx")[1] != "lexicon"


@pytest.mark.parametrize("word", ["", "123", "Москва", "日本", "\u200d", "--", "'", "\ud800", "🙂", "\x00"])
def test_nothing_to_pronounce_is_said_so(pronouncer, word):
    assert pronouncer.phones(word) == ((), "nothing to pronounce")


@pytest.mark.parametrize(
    "word", ["x" * 100, "ab" * 200, "qqqqq", "aaaaaaaaaaaa", "'s", "s'", "e\u0301" * 60, "ﬁle", "O'Brien's"]
)
def test_odd_words_are_pronounced_all_the_same(pronouncer, word):
    phones, why = pronouncer.phones(word)
    assert phones and why
    assert set(phones) <= set(PHONES)


def test_folding():
    assert fold("Ångström’s") == "angstrom's"
    assert fold("Łódź Straße ﬁ") == "lodz strasse fi"


def test_threads_agree(pronouncer):
    words = ["blorptastic", "zyxwort", "the", "record", "settings", "kubectlish"] * 5
    expected = [pronouncer.phones(word) for word in words]
    found = []
    fresh = Pronouncer()
    threads = [threading.Thread(target=lambda: found.append([fresh.phones(w) for w in words])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4
