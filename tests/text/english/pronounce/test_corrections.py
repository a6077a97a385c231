"""Words that the dictionary had wrong, British spellings, derivations and names of this century."""

from __future__ import annotations

import pytest

from speechd_neural.text.english.language import English
from speechd_neural.text.english.pronounce.pronouncer import Pronouncer
from speechd_neural.text.frontend import FrontEnd

WORDS = """
sometimes s ah1 m t ay2 m z
infrastructure ih1 n f r ax s t r ah2 k ch er0
concrete k aa1 n k r iy2 t
putting p uh1 t ih0 ng
vegan v iy1 g ax n
costume k aa1 s t uw2 m
cyclone s ay1 k l ow2 n
endurance eh0 n d uh1 r ax n s
forbidden f er0 b ih1 d ax n
interpreting ih0 n t er1 p r ax t ih0 ng
intrigued ih0 n t r iy1 g d
really r iy1 l iy0
kinda k ay1 n d ax
stronger s t r ao1 ng g er0
email iy1 m ey2 l
engineering eh2 n jh ax n ih1 r ih0 ng
underscore ah1 n d er0 s k ao2 r
rainforest r ey1 n f ao2 r ax s t
legit l ax jh ih1 t
unite y uw0 n ay1 t
cooperative k ow0 aa1 p er0 ax t ih0 v
gibberish jh ih1 b er0 ih0 sh
thyme t ay1 m
tiling t ay1 l ih0 ng
leisurely l iy1 zh er0 l iy0
misogyny m ih0 s aa1 jh ax n iy0
tricycle t r ay1 s ih0 k ax l
windscreen w ih1 n d s k r iy2 n
bibliographic b ih2 b l iy0 ax g r ae1 f ih0 k
halal hh ax l aa1 l
cryptocurrency k r ih1 p t ow0 k er2 ax n s iy0
winded w ih1 n d ax d
produces p r ax d uw1 s ax z
quadratic k w aa0 d r ae1 t ih0 k
steroid s t eh1 r oy2 d
houses hh aw1 z ax z
decade d eh1 k ey2 d
nineteen n ay2 n t iy1 n
analysed ae1 n ax l ay2 z d
paralysing p eh1 r ax l ay2 z ih0 ng
modelled m aa1 d ax l d
labelling l ey1 b ax l ih0 ng
marvelled m aa1 r v ax l d
litres l iy1 t er0 z
rigour r ih1 g er0
caesium s iy1 z iy0 ax m
oestrogen eh1 s t r ax jh ax n
manoeuvre m ax n uw1 v er0
paediatric p iy2 d iy0 ae1 t r ih0 k
organising ao1 r g ax n ay2 z ih0 ng
acclimatise ax k l ay1 m ax t ay2 z
vulcanised v ah1 l k ax n ay2 z d
devilled d eh1 v ax l d
leukaemic l uw0 k iy1 m ih0 k
glycaemia g l ay0 s iy1 m iy0 ax
breathable b r iy1 dh ax b ax l
writable r ay1 t ax b ax l
Kyiv k iy1 v
Latinx l ax t iy1 n eh2 k s
Oaxaca w ax hh aa1 k ax
Qantas k w aa1 n t ax s
Traefik t r ae1 f ih0 k
Uyghur w iy1 g er0
Zelenskyy z ax l eh1 n s k iy0
edamame eh2 d ax m aa1 m ey0
caecum s iy1 k ax m
caecilian s ih0 s ih1 l iy0 ax n
caelum s iy1 l ax m
caecostomy s iy2 k ao1 s t ax m iy0
caesarean s ih0 z eh1 r iy0 ax n
sepulchre s eh1 p ax l k er0
gaoler jh ey1 l er0
liquorice l ih1 k er0 ih0 sh
homoeopathy hh ow2 m iy0 aa1 p ax th iy0
kilometre k ax l aa1 m ax t er0
brooch b r ow1 ch
tribunal t r ay0 b y uw1 n ax l
vitiate v ih1 sh iy0 ey2 t
twopence t ah1 p ax n s
undoes ah2 n d ah1 z
simulate s ih1 m y ax l ey2 t
refugee r eh2 f y uw0 jh iy1
diesel d iy1 z ax l
rewind r iy0 w ay1 n d
bidirectional b ay2 d er0 eh1 k sh ax n ax l
wuhan w uw2 hh aa1 n
kherson hh er0 s ao1 n
semaglutide s eh2 m ax g l uw1 t ay2 d
bluesky b l uw1 s k ay2
mpox eh1 m p aa2 k s
dont d ow1 n t
ttyl t iy2 t iy2 w ay2 eh1 l
tmrw t ax m aa1 r ow0
msg m eh1 s ax jh
MSG eh2 m eh2 s jh iy1
PaaS p ae1 s
theyre dh eh1 r
wegovy w iy0 g ow1 v iy0
mochi m ow1 ch iy0
ceviche s ax v iy1 ch ey0
paella p aa0 ey1 ax
aluminium ae2 l y uw0 m ih1 n iy0 ax m
Wrocław v r ao1 t s w aa0 f
Zheng jh ah1 ng
naloxone n ax l aa1 k s ow2 n
executables eh1 k s ax k y uw2 t ax b ax l z
makeover m ey1 k ow2 v er0
inventory ih1 n v ax n t ao2 r iy0
xmas k r ih1 s m ax s
thyme t ay1 m
boolean b uw1 l iy0 ax n
underscored ah1 n d er0 s k ao2 r d
obelisk aa1 b ax l ih2 s k
simile s ih1 m ax l iy0
duvet d uw0 v ey1
heifer hh eh1 f er0
synapses s ih1 n ae2 p s ih0 z
gloucestershire g l aa1 s t er0 sh er0
cambridgeshire k ey1 m b r ih0 jh sh er0
sloped s l ow1 p t
tiling t ay1 l ih0 ng
choker ch ow1 k er0
asceticism ax s eh1 t ih0 s ih2 z ax m
windscreen w ih1 n d s k r iy2 n
teardrop t ih1 r d r aa2 p
bassline b ey1 s l ay2 n
intersectional ih2 n t er0 s eh1 k sh ax n ax l
hydrostatic hh ay2 d r ow2 s t ae1 t ih0 k
psychometric s ay2 k ow0 m eh1 t r ih0 k
ridin r ay1 d ih0 n
ooooh uw1
latex l ey1 t eh2 k s
LaTeX l ey1 t eh2 k
labeller l ey1 b ax l er0
catalysing k ae1 t ax l ay2 z ih0 ng
sombrely s aa1 m b er0 l iy0
palaeolithic p ey1 l iy0 ow0 l ih2 th ih0 k
orthopaedics ao2 r th ax p iy1 d ih0 k s
manoeuvred m ax n uw1 v er0 d
odours ow1 d er0 z
synonyms s ih1 n ax n ih0 m z
venues v eh1 n y uw0 z
unpin ah2 n p ih1 n
rescan r iy0 s k ae1 n
tailwind t ey1 l w ih2 n d
webpage w eh1 b p ey2 jh
macron m ey1 k r aa2 n
Macron m aa0 k r ow1 n
Leclerc l ax k l eh1 r
Košice k ow1 sh ih0 t s eh0
bots b aa1 t s
walkthrough w ao1 k th r uw2
negated n ih0 g ey1 t ax d
permuted p er0 m y uw1 t ax d
reiterates r iy0 ih1 t er0 ey2 t s
dropins d r aa1 p ih2 n z
Starfleet s t aa1 r f l iy2 t
Wojciech v oy1 ch eh0 k
Dafoe d ax f ow1
Leominster l eh1 m ih0 n s t er0
abdomen ae1 b d ax m ax n
Su s uw1
su eh2 s y uw1
sultanas s ah2 l t ae1 n ax z
septicaemic s eh2 p t ih0 s iy1 m ih0 k
thalassaemia th ae2 l ax s iy1 m iy0 ax
Declan d eh1 k l ax n
Cancun k ae2 n k uw1 n
Harare hh er0 aa1 r ey0
Verstappen v er0 s t aa1 p ax n
Imamoglu ih2 m aa0 m ow1 l uw0
Raphinha r ax f iy1 n y ax
Scorsese s k ao0 r s ey1 z iy0
Dijkstra d ay1 k s t r ax
hydroxychloroquine hh ay0 d r aa2 k s iy0 k l ao1 r ax k w iy2 n
Giuseppe jh uw0 s eh1 p iy0
LeBron l ax b r aa1 n
Vallejo v ax l ey1 hh ow0
Padilla p ax d iy1 y ax
Quezada k ey0 z aa1 d ax
Villanueva v iy2 y ax n w ey1 v ax
Battaglia b aa0 t aa1 l y ax
Castagna k aa0 s t aa1 n y ax
saturnalia s ae2 t er0 n ey1 l y ax
lyricise l ih1 r ih0 s ay2 z
"""


@pytest.fixture(scope="module")
def pronouncer() -> Pronouncer:
    return Pronouncer()


@pytest.mark.parametrize("line", WORDS.strip().splitlines())
def test_words_are_said_as_americans_say_them(pronouncer: Pronouncer, line: str) -> None:
    word, _, phones = line.partition(" ")
    assert " ".join(pronouncer.phones(word)[0]) == phones


@pytest.mark.parametrize("word", ["called", "does", "poems", "hour", "four", "fence", "phoenix", "shoe", "acre", "israel"])
def test_other_words_that_look_british_stay_as_they_are(pronouncer: Pronouncer, word: str) -> None:
    assert not pronouncer.phones(word)[1].startswith("spelled")


@pytest.mark.parametrize(
    ("name", "phones"),
    [("NumPy", "n ah1 m p ay1"), ("SciPy", "s ay1 p ay1"), ("LibreOffice", "l iy1 b r ax ao1 f ax s")],
)
def test_names_in_camel_case_are_said_by_their_parts(name: str, phones: str) -> None:
    symbols = FrontEnd(English(), dictionaries=()).explain(name)[0][0].symbols
    assert [symbol for symbol in symbols if symbol.isalnum()] == phones.split()


@pytest.mark.parametrize(
    ("name", "phones"),
    [
        ("Qiang", "ch y aa1 ng"),
        ("Zixuan", "z iy2 sh w aa1 n"),
        ("Lianjiang", "l y eh2 n jh y aa1 ng"),
        ("Maxi", "m ae1 k s iy0"),
        ("Exxon", "eh1 k s aa0 n"),
        ("Proxi", "p r aa1 k s iy0"),
        ("Shunsuke", "sh ah1 n s k ey0"),
        ("Jeonghan", "jh ao2 ng hh aa1 n"),
        ("Gyeonggi", "g y ao2 ng g iy1"),
        ("Hyunjin", "hh y ah2 n jh ih1 n"),
        ("Pantheons", "p ae1 n th iy0 aa2 n z"),
        ("Ryoko", "r y ow1 k ow0"),
        ("Serginho", "s er2 jh iy1 n y ow0"),
        ("valsartan", "v ae2 l s aa1 r t ae2 n"),
        ("atorvastatin", "ax t ao0 r v ae2 s t ae1 t ih0 n"),
        ("nivolumab", "n ih2 v aa1 l y uw0 m ae2 b"),
        ("ondansetron", "aa2 n d ae1 n s ax t r aa2 n"),
        ("bisoprolol", "b ay2 s aa1 p r ax l ao2 l"),
        ("Pachón", "p ae2 ch ow1 n"),
        ("Mbappé", "eh0 m b aa1 p ey0"),
        ("Romanchuk", "r ax m ae1 n ch ax k"),
        ("Pasolini", "p ae2 s ow0 l iy1 n iy0"),
        ("Keytruda", "k iy2 t r uw1 d ax"),
        ("Swansea", "s w aa1 n s iy2"),
        ("Chromevideo", "k r ow1 m v ih2 d iy0 ow0"),
        ("Krško", "k er1 sh k ow2"),
        ("Vjollca", "v y ow1 l k ax"),
        ("enzalutamide", "eh2 n z ax l uw1 t ax m ay2 d"),
        ("Bencic", "b eh1 n ch ih0 ch"),
        ("Diljit", "d ih1 l jh ih0 t"),
        ("Saldaña", "s ae0 l d ae1 n y ax"),
        ("Antunovic", "ae0 n t uw1 n ax v ih0 ch"),
        ("tsunamis", "t s uw0 n aa1 m iy0 z"),
        ("vulgaris", "v ah1 l g er0 ih0 s"),
    ],
)
def test_names_of_other_spellings(name: str, phones: str) -> None:
    assert " ".join(Pronouncer().phones(name)[0]) == phones
