"""Values as they come off a D-Bus connection, and as one can carry them. Knows no D-Bus library."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """A received value without the library's variants."""
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if type(value).__name__ == "Variant":
        return plain(value.value)
    return value


def plain_strings(value: Any) -> Any:
    """A value that D-Bus can carry: structs as lists, no NUL and no lone surrogates in strings."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, (list, tuple)):
        return [plain_strings(part) for part in value]
    return value
