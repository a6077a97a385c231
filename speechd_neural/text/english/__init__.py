"""English: how it is read, spelled and pronounced. `language` puts the parts together."""

TAGS = ("en",)
