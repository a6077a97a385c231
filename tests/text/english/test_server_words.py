"""Text as Speech Dispatcher sends it, symbols in words, is heard as the raw text is.

server_words.tsv was recorded from the stock servers 0.11.4 and 0.12.0. Where its last column does not say "=",
the server has dropped what the reading needs, and the row says what is left.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from speechd_neural.text.english.server_words import edits
from speechd_neural.text.frontend import FrontEnd
from speechd_neural.types import Kind, Punctuation, Settings
from tests.text.english.test_golden import heard

TABLE = Path(__file__).parent / "server_words.tsv"
LEVELS = [level.value for level in Punctuation]
Row = tuple[list[str], str, str, str]


def table() -> list[list[Row]]:
    """Blocks of rows, one for each text: levels, who sends it, what is sent, the words."""
    blocks: list[list[Row]] = []
    raw_before = False
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("# ") and "\t" not in line:
            continue
        levels, sender, text, words = line.split("\t")
        if sender == "raw" and not (raw_before and blocks[-1][0][2] == text):
            blocks.append([])
        raw_before = sender == "raw"
        blocks[-1].append((levels.split("+"), sender, text, words))
    return blocks


BLOCKS = table()


def test_the_table_has_every_level_of_many_texts() -> None:
    assert len(BLOCKS) >= 200
    for block in BLOCKS:
        for sender in ("raw", "0.11.4", "0.12.0"):
            found = [level for levels, senders, _, _ in block if sender in senders.split(", ") for level in levels]
            assert sorted(found) == sorted(LEVELS), (sender, block[0][2])


@pytest.mark.parametrize("part", range(4))
def test_every_text_is_heard_as_the_table_says(front_end: FrontEnd, part: int) -> None:
    wrong = []
    for block in BLOCKS[part::4]:
        raw: dict[str, str] = {}
        for levels, sender, text, words in block:
            for level in levels:
                if sender == "raw":
                    raw[level] = words
                    found = heard(front_end, text, Kind.TEXT, Settings(punctuation=Punctuation(level)))
                else:
                    found = heard(front_end, text, Kind.SSML, Settings())
                right = raw[level] if words == "=" else words
                if found.lower() != right.lower():
                    wrong.append(f"{sender} at {level}: {text!r}: {found!r}, not {right!r}")
                if sender != "raw":
                    break  # the level has gone into the text
    assert not wrong, "\n".join(wrong)


def test_little_is_lost_on_the_way() -> None:
    """Rows with words of their own: where the server has dropped a sign and left no trace."""
    named = [row for block in BLOCKS for row in block if row[1] != "raw" and {"most", "all"} & set(row[0])]
    assert sum(words == "=" for _, _, _, words in named) > 0.9 * len(named)


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        ("call 555 dash 0142 now", "call 555-0142 now"),
        (" plus 44 20 7946", "+44 20 7946"),
        ("Call  left paren(212 right paren) 555 dash-0182", "Call (212) 555-0182"),
        ("1 .234 comma,56  euro ", "1.234,56 €"),
        ("at 9 colon 30 am  dash  5 pm", "at 9:30 am - 5 pm"),
        ("Ctrl plus Shift plus T", "Ctrl+Shift+T"),
        ("U dot S dot. Army", "U.S. Army"),
        ("2024 02 03", "2024-02-03"),
        ("It is  minus 20  degrees C", "It is  minus 20 °C"),
        ("100 MB slash s", "100 MB/s"),
        ("GBP slash USD", "GBP/USD"),
        ("a 14 quote  screen", 'a 14" screen'),
        ("C number  and F number m7", "C# and F#m7"),
        ("p dash  greater next", "p->next"),
        ("p dash- greater next", "p->next"),
        ("w slash  fries", "w/ fries"),
        ("10 caret  minus 3 mol", "10^-3 mol"),
        ("82 .1  plus  slash  dash  1 .4", "82.1 +/- 1.4"),
        ("6  star  7  equals  42", "6 * 7 = 42"),
        ("122 degrees 25 prime W", "122°25′W"),
        ("Mon en dash–Fri", "Mon–Fri"),
        ("xiv en dash–xvi", "xiv–xvi"),
        ("2 PM  en dash– 4 PM", "2 PM – 4 PM"),
        ("mid dash  60s", "mid-'60s"),
        ("phase dash IV", "phase-IV"),
        ("Winter et al dot , 2018", "Winter et al., 2018"),
        (" tilda $568 .91", "~$568.91"),
        (" rupee 3 .2 lakh", "₹3.2 lakh"),
        ("1 divided by 2 tsp", "1⁄2 tsp"),
        (" left paren(T line T right paren)", " crying face"),
        ("ok  colon  dash  right paren).", "ok  smiley."),
        ("ok  semi  dash- right paren)", "ok  winking face"),
        ("ok  less 3 you", "ok  heart you"),
        ("ok  \u0304 backslash  line  left paren(ツ right paren) line  slash  \u0304", "ok  shrug"),
        ("left paren( dollar 23 .99 right paren)", "left paren($23.99)"),
        (" dollar  12 .50", "$ 12.50"),
        ("color colon:  number ff8800 semi;", "color: #ff8800;"),
        ("$ 12 .50  slash  hr", "$ 12.50 / hr"),
        ("q dot d dot , daily", "q.d., daily"),
        (" won 500", "₩500"),
        ("Preferences Ctrl plus ,", "Preferences Ctrl+,"),
        ("Cmd  plus  A", "Cmd + A"),
        (" plus  slash  minus 5 percent ", "+/-5 percent "),
        ("January en dash–March 2024", "January–March 2024"),
        ("noon en dash–1 PM", "noon–1 PM"),
        (" left bracket 1 slash 3 right bracket ", " [1/3] "),
        ("6 percent  minus 8 percent ", "6 percent to 8 percent "),
        ("1200 requests slash s", "1200 requests/s"),
        ("the  80s and  90s", "the '80s and '90s"),
        ("10 colon 15 colon 10  minus 0500", "10:15:10 -0500"),
        ("$5 .5K en dash–$6K", "$5.5K–$6K"),
        ("1 .299, dash   euro ", "1.299,-  euro "),
        ("1 divided by 2", "1⁄2"),
        ("hi  bird \u200d fire !", "hi  phoenix !"),
        (" chains \ufe0f\u200d collision ", " broken chain "),
        ("\U0001f177\U0001f174\U0001f17b P button ", "HELP"),
        ("I can graav t, she \u0301ll, it prime s, you don t", "I can't, she'll, it's, you don't"),
        ("(ಠ ಠ)", " disapproving face"),
        ("( not ‿ not )", " side eyed face"),
        ("( circle all but upper left quadrant filled ‿ circle all but upper left quadrant filled )ノ", " happy face"),
        ("width  percent 5d,  percent  minus 10s", "width  %5d,  %-10s"),
        ("I have 50 percent  3d parts", "I have 50 percent  3d parts"),
        (" number include  less stdio dot h greater ", " #include  <stdio dot h> "),
        ("c plus  plus  minus 20", "c++-20"),
        ("self  greater x", "self->x"),
        ("bin   greater  usr slash bin", "bin -> usr slash bin"),
        (" 88 slash 120  Linking C", "[88/120] Linking C"),
        ("(2 9) Downloading kernel", "[2/9] Downloading kernel"),
        ("4 6x cheaper", "4-6x cheaper"),
        ("ヽ left paren(つ greater-than or equal to  hollow down-pointing triangle  less- than or equal to  right paren)つ",
         " squinting face"),
        ("£  minus 1 .50", "£-1.50"),
        ("p  less 0 .05", "p <0.05"),
        (" greater 20", ">20"),
        ("x  equals  greater  y", "x => y"),
        ("x en dash–y", "x–y"),
        ("John  less john dot doe at example dot com greater ", "John  john dot doe at example dot com "),
        (" white flag \ufe0f\u200d rainbow ", " rainbow flag "),
        ("Tier III slash IV halls", "Tier III/IV halls"),
        ("12 kW slash rack", "12 kW/rack"),
        ("6 .1 L  slash  100 km", "6.1 L / 100 km"),
        ("25 N middle dot m", "25 N·m"),
        ("4 .2 kW times h", "4.2 kW⋅h"),
        ("open Mon Fri 9 5", "open Mon-Fri 9 5"),
        ("Mon Tue Wed", "Mon Tue Wed"),
        ("60s 70s music", "60s-70s music"),
        ("the over 60s club", "the over-60s club"),
        ("it took over 60s today", "it took over 60s today"),
        ("June 5 7, 2012", "June 5-7, 2012"),
        ("10W 40 oil", "10W-40 oil"),
        ("6 PM en dash–midnight", "6 PM–midnight"),
        ("UTC minus 05 colon 00", "UTC−05:00"),
        ("reply  middle dot  9m", "reply · 9m"),
        ("1920  times  1080", "1920 × 1080"),
        ("Hi  backslash  left paren( caret o caret  right paren) slash ", "Hi  happy face"),
        (" left paren( upper half circle ‿ upper half circle  right paren)", " happy face"),
        ("C plus  plus   greater  C", "C plus  plus  > C"),
        (" person walking \u200d right arrow \ufe0f", " person walking facing right "),
        ("ಠ line ಠ", "disapproving face"),
        (" left paren( circled dot operator  line  circled dot operator  right paren)", " face"),
        ("A en dash–Z index", "A–Z index"),
        ("8 AM en dash–6 PM", "8 AM–6 PM"),
        ("Is it 5 p dot m dot ?", "Is it 5 p.m.?"),
        ("Ka left tick u, D \u0301Angelo", "Ka'u, D'Angelo"),
        ("on sale 11 slash 24 11 slash 27", "on sale 11/24-11/27"),
        ("a 27  monitor", 'a 27" monitor'),
        ("31 divided by 2 stars", "31⁄2 stars"),
        ("bye  )", "bye winking face"),
        ("x : D", "x  grinning face"),
        (" equals )", " smiley"),
        (" left paren( caret  caret  right paren)", " happy face"),
        ("open setup dot py", "open setup.py"),
        ("ls  star  dot txt", "ls  star .txt"),
        (" filled up-pointing triangle 1 .3", "▲1.3"),
        (" star 67", "*67"),
        (" number 31 number ", "#31#"),
        ("3 euro 50", "3€50"),
        ("Smith  and  Co. Cork", "Smith & Co. Cork"),
        ("5 km  dash  3 km  equals  2 km", "5 km - 3 km = 2 km"),
        ("2x  dash  y  plus  z  equals  0", "2x - y + z = 0"),
        ("x  dash  equals  1", "x - equals  1"),
        ("12 quote  x 8 quote ", '12" x 8"'),
        ("3 quote x4 quote ", '3"x4"'),
        ("Visa  bullet  bullet 1234", "Visa  bullet  bullet 1 2 3 4"),
        (" 4 star  4242", " 4 star  4 2 4 2"),
        ("Jan dot  dash Mar.", "Jan.-Mar."),
        ("U dot S dot  dash China", "U.S.-China"),
        ("5 sq. mi dot , and", "5 sq. mi., and"),
        ("20 degrees C slash day", "20°C/day"),
        ("40 hrs slash wk", "40 hrs/wk"),
        ("m left paren( line   line  right paren)m", " face"),
        ("f left paren(x line x right paren)", "f(x line x)"),
        (" left paren( semi  semi  right paren)", "( semi  semi )"),
    ],
)
def test_signs_come_back(sent: str, back: str) -> None:
    assert rewritten(sent) == back


@pytest.mark.parametrize(
    "written",
    [
        "a dash of salt and a slash of red", "Bring a friend plus one other.", "What is the dot?", "two plus two is four",
        "the 100 meter run", "on line 12 of the file", "He ran the 40 yard dash in 4 seconds.", "a colon and a comma",
        "I owe a pound 3 times over", "Is this a question?", "the dash cam", "12 345 678", "Room 4 B",
        "Vitamin C number 5", "a 5 star hotel", "10 divided by 2 is 5", "the first dash I saw", 'the  quote top 10 quote  list',
        "he said quote 5 unquote", "the slash s switch", "3 greater things", "a colon D", "I love less 3 times",
        "one dash line dash", "He won 500 games", "Player 1 won ", "What is 21 divided by 4", "D colon  backslash photos",
        "(see  )", "say dot pie", "at 5 number two", "the year 2020 number 5", "two plus two equals four", "Cooper and Cory",
        "Tue Thu 6 pm",
    ],
)  # fmt: skip
def test_words_that_somebody_wrote_stay(written: str) -> None:
    assert rewritten(written) == written


def rewritten(text: str) -> str:
    found, position = "", 0
    for start, end, written, _ in edits(text):
        assert position <= start <= end
        found += text[position:start] + written
        position = end
    return found + text[position:]


def test_a_mark_before_each_word_hides_nothing(front_end: FrontEnd) -> None:
    sent = '<speak><mark name="a"/>It is <mark name="b"/> minus 20 <mark name="c"/> degrees C<mark name="d"/></speak>'
    segments = list(front_end.segments(sent, Kind.SSML, Settings()))
    assert [mark.name for segment in segments for mark in segment.marks] == ["a", "b", "c", "d"]
    assert heard(front_end, sent, Kind.SSML, Settings()) == "It is minus twenty degrees Celsius"


def test_a_word_that_came_back_points_at_what_was_sent(front_end: FrontEnd) -> None:
    sent = "<speak>Ref AB dash 123</speak>"
    (segment,) = front_end.segments(sent, Kind.SSML, Settings())
    dash = next(word for word in segment.words if word.text == "dash")
    assert sent[slice(*dash.source)].strip() == "dash"


def test_a_client_that_names_no_symbols_is_left_alone(front_end: FrontEnd) -> None:
    assert heard(front_end, "5 dash 3", Kind.TEXT, Settings()) == "five dash three"
