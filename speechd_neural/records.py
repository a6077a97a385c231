"""`dataclass` of the standard library, but what it writes and compiles for a class is compiled when it is first needed.

That is half a dozen functions, a millisecond a class: for sixty classes a tenth of the time from the daemon's start to its
first sound. Here comparing, showing and refusing changes are functions that all classes share, and `__init__` is compiled
for the first object. `fields`, `replace` and `asdict` of the standard library work as ever; of the options there are those
that this program uses.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_NOTHING = dataclasses.MISSING


def _made(*, slots: bool, frozen: bool = False, kw_only: bool = False) -> Any:
    def make(cls: Any) -> Any:
        if cls.__doc__ is None:
            cls.__doc__ = cls.__name__  # else its signature is taken, which takes as long as all the rest
        cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        names = [entry.name for entry in dataclasses.fields(cls)]
        cls._values = _getter(names)
        cls.__init__, cls.__repr__, cls.__eq__ = _initialize, _shown, _equal
        cls.__hash__ = _hash if frozen else None
        if frozen:
            cls.__setattr__ = cls.__delattr__ = _refuse
            cls.__getstate__, cls.__setstate__ = _state, _restore
        cls._frozen = frozen
        return cls

    return make


def _getter(names: list[str]) -> Any:
    """All values of an object, as a tuple."""
    if len(names) > 1:
        return staticmethod(attrgetter(*names))
    return staticmethod(lambda record: tuple(getattr(record, name) for name in names))


def _initialize(self: Any, *values: Any, **named: Any) -> None:
    """For the first object of a class; those after it call what this has compiled."""
    cls = type(self)
    cls.__init__ = _compiled(cls)
    cls.__init__(self, *values, **named)


def _compiled(cls: Any) -> Any:
    places: dict[str, Any] = {"_set": object.__setattr__, "_nothing": _NOTHING}
    parameters: tuple[list[str], list[str]] = ([], [])
    lines = ["pass"]
    for entry in dataclasses.fields(cls):
        name, value = entry.name, entry.name
        default = ""
        if entry.default is not _NOTHING:
            places[f"_{name}"], default = entry.default, f"=_{name}"
        elif entry.default_factory is not _NOTHING:
            places[f"_{name}"], default = entry.default_factory, "=_nothing"
            value = f"_{name}() if {name} is _nothing else {name}"
        parameters[bool(entry.kw_only)].append(name + default)
        lines.append(f"_set(self, {name!r}, {value})" if cls._frozen else f"self.{name} = {value}")
    listed = ", ".join(["self", *parameters[0], *(["*", *parameters[1]] if parameters[1] else [])])
    exec(f"def __init__({listed}):\n " + "\n ".join(lines), places)
    return places["__init__"]


def _shown(self: Any) -> str:
    values = (f"{entry.name}={getattr(self, entry.name)!r}" for entry in dataclasses.fields(self))
    return f"{type(self).__qualname__}({', '.join(values)})"


def _equal(self: Any, other: object) -> bool:
    return bool(self._values(self) == other._values(other)) if type(other) is type(self) else NotImplemented  # type: ignore[attr-defined]


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _refuse(self: Any, name: str, *value: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot {'assign to' if value else 'delete'} field {name!r}")


def _state(self: Any) -> tuple[Any, ...]:
    return tuple(self._values(self))


def _restore(self: Any, state: tuple[Any, ...]) -> None:
    for entry, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, entry.name, value)


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _made
