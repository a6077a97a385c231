import pytest

from speechd_neural.text.english.pronounce import phonemes
from speechd_neural.text.english.symbols import PHONES


@pytest.mark.parametrize(
    ("alphabet", "text", "expected"),
    [
        ("ipa", "həˈloʊ", "hh ax l ow1"),
        ("ipa", "/ˈwɔːtɚ/", "w ao1 t er0"),
        ("ipa", "tʃiːz", "ch iy1 z"),
        ("ipa", "t͡ʃiːz", "ch iy1 z"),
        ("ipa", "ˈdʒʌmp", "jh ah1 m p"),
        ("ipa", "ʃɪˈvɔːn", "sh ih0 v ao1 n"),
        ("ipa", "ˈbʌtn̩", "b ah1 t ax n"),
        ("ipa", "ˈtɒmɑːtəʊ", "t aa1 m aa0 t ow0"),
        ("ipa", "bɔ̃ˈʒuʁ", "b ao0 n zh uw1 r"),
        ("ipa", "ˈiːtən", "iy1 t ax n"),
        ("ipa", "ˌkɒnfɪɡˈjʊəɹ", "k aa2 n f ih0 g y uh1 r r"),
        ("x-sampa", 'h@"loU', "hh ax l ow1"),
        ("x-sampa", '"Tr{S', "th r ae1 sh"),
        ("x-sampa", "'dZVmp", "jh ah1 m p"),
        ("x-arpabet", "HH AH0 L OW1", "hh ax l ow1"),
        ("x-arpabet", "hh ax l ow2", "hh ax l ow2"),
        ("x-arpabet", "AH1 P S EH2 T", "ah1 p s eh2 t"),
        ("x-arpabet", "K AH2 B AE1 L", "k ah2 b ae1 l"),
        ("x-sampa", '%kQnfI"gj@', "k aa2 n f ih0 g y ah1"),
        ("x-arpabet", "B AH T AXR", "b ah1 t er0"),
        ("x-arpabet", "AH0", "ax"),
    ],
)
def test_reads_each_alphabet(alphabet, text, expected):
    assert " ".join(phonemes.read(text, alphabet)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("uh-BUN-too", "ax b ah1 n t uw0"),
        ("EN-jin-eks", "eh1 n jh ih0 n eh0 k s"),
        ("SHAHR", "sh aa1 r"),
        ("kayk", "k ey1 k"),
        ("jay-PEG", "jh ey0 p eh1 g"),
        ("/ʃɪˈvɔːn/", "sh ih0 v ao1 n"),
        ("JH IH1 F", "jh ih1 f"),
        ("jh ih f", "jh ih1 f"),
        ("ʃɪn", "sh ih1 n"),
    ],
)
def test_guesses_the_notation(text, expected):
    assert " ".join(phonemes.guess(text)) == expected


@pytest.mark.parametrize(
    ("alphabet", "text", "part"),
    [
        ("ipa", "hə☃", "position 3"),
        ("ipa", "", "no phones"),
        ("x-sampa", "h&", "position 2"),
        ("x-arpabet", "HH QQ1", "position 4"),
        ("x-arpabet", "  ", "no phones"),
        ("klingon", "x", "ipa, x-sampa, x-arpabet"),
    ],
)
def test_says_what_is_wrong_and_what_is_accepted(alphabet, text, part):
    with pytest.raises(phonemes.PhonemeError, match=part) as caught:
        phonemes.read(text, alphabet)
    assert "accepted" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_table_entry_yields_symbols_of_the_voice():
    for name, table, read in (
        ("ipa", phonemes._IPA_TABLE, phonemes.from_ipa),
        ("x-sampa", phonemes._XSAMPA_TABLE, phonemes.from_xsampa),
        ("respelling", phonemes._RESPELLING_TABLE, phonemes.from_respelling),
    ):
        for key, phones in phonemes._table(table):
            if phones:
                assert set(read(key)) <= set(PHONES), (name, key)


def test_reading_is_total_on_the_inventory():
    expected = tuple("ax" if phone == "ah0" else phone for phone in PHONES)  # the voice has no ah0 in its labels
    assert phonemes.from_arpabet(" ".join(PHONES)) == expected
