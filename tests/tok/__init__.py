"""Toki Pona, twenty words of it: a second language, added as a newcomer adds one."""

TAGS = ("tok",)
