"""English: how it is read, spelled and pronounced."""
