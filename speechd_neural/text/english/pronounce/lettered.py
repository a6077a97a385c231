"""Names of programs that begin or end with letters, which are spelled: kdump, sdcard, openvpn."""

from __future__ import annotations

from speechd_neural.text.english.pronounce.morphology import SHORT_PARTS, Lookup

# What is spelled at the end of names of programs.
_SPELLED_ENDS_TEXT = """
    api cli css csv db dns fs gpt html jdk js mq pdf php png rc rpc sdk sql ssh ssl tls tv vm vpn wrt xml
"""
_SPELLED_ENDS = frozenset(_SPELLED_ENDS_TEXT.split())

# Two consonants that words or names may begin with.
_ONSETS_TEXT = """
    bl br by ch cl cr cy cz dh dj dm dr dv dw dy dz fj fl fr fy gh gl gn gr gw gy hj hr hy jy kh kj kl kn kr kv kw ky lj
    ll ly mc mk ml mn my nd ng nj nk ny pf ph pl pn pr ps pt py qu rh rj ry rz sc sch sf sh sj sk sl sm sn sp sq sr ss st
    sv sw sy sz tc th tj tr ts tv tw ty tz vl vr vy wh wr wy xh yv zb zd zh zl zm zv zw zy
"""
ONSETS = frozenset(_ONSETS_TEXT.split())


def parts(word: str, lookup: Lookup) -> tuple[str, str, str] | None:
    """Letters, a known word, letters, of which some are to be spelled: "kdump", "sdcard", "xinput", "openvpn"; else None."""
    for cut in (1, 2, 3):
        letters, rest = word[:cut], word[cut:]
        if letters[-1] in "aeiouy" or len(rest) < 3:
            break
        if rest[0] in "aeiouy":
            spelled = letters == "x" and len(rest) > 4
        else:
            spelled = word[:2] not in ONSETS and (len(rest) > 3 or rest in SHORT_PARTS)
        if spelled and lookup(rest):
            return letters, rest, ""
    for size in (2, 3, 4):
        stem, letters = word[:-size], word[-size:]
        if letters in _SPELLED_ENDS and (len(stem) > 3 or stem in SHORT_PARTS) and lookup(stem):
            return "", stem, letters
    return None
