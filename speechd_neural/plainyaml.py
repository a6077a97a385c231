"""YAML of which only the plain part is accepted: mappings, lists, texts, numbers, true and false, nothing.

The files come from strangers (a voice) or from a tired hand (a configuration). An alias lets two kilobytes stand for
gigabytes, and a tag calls a constructor that fails in ways of its own: neither is needed, and both are refused.
"""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any

from speechd_neural import plainest

if TYPE_CHECKING:
    import yaml

DEEPEST = 16  # levels; a voice needs four
_PREFIX = "tag:yaml.org,2002:"
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60
_SHORT.maxlist = _SHORT.maxdict = 3
_SHORT.maxlevel = 2


class NotPlain(Exception):
    """`line` (from 1) holds what is not accepted; the message says what, and what is."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def shown(value: Any) -> str:
    """A value for an error message, on one line and never long, however large or odd the value is."""
    try:
        return " ".join(_SHORT.repr(value).split())
    except ValueError:  # a whole number with more digits than Python turns into text
        return "a number of thousands of digits"


def check(loader: Any, root: yaml.Node | None) -> None:
    """Raises NotPlain for an alias, a tag or a nesting that nobody needs, anywhere below `root`.

    loader: what composed the nodes; it knows which tag a text has by itself.
    """
    import yaml

    seen: set[int] = set()
    waiting = [(root, 1)] if root is not None else []
    while waiting:
        node, level = waiting.pop()
        if id(node) in seen:
            raise _not_plain(node, "an alias (*name); write the value out once more")
        seen.add(id(node))
        if level > DEEPEST:
            raise _not_plain(node, f"more than {DEEPEST} levels; fewer are accepted")
        if node.tag != _own_tag(loader, node):
            raise _not_plain(node, f"the tag {shown(node.tag.replace(_PREFIX, '!!'))}; plain values without tags are accepted")
        if isinstance(node, yaml.MappingNode):
            waiting += [(part, level + 1) for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(part, level + 1) for part in node.value]


def value(loader: Any, node: yaml.Node) -> Any:
    """The plain value of a node that has been checked: dict, list, str, int, float, bool or None.

    Dates are texts. Raises NotPlain for what only looks like a number, and for a key that stands twice or is a collection.
    """
    import yaml

    if isinstance(node, yaml.SequenceNode):
        return [value(loader, part) for part in node.value]
    if isinstance(node, yaml.MappingNode):
        found: dict[Any, Any] = {}
        for key, part in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _not_plain(key, "a key that is not a plain value; 'key: value' is accepted")
            name = value(loader, key)
            if name in found:
                raise _not_plain(key, f"{shown(name)} stands here for the second time; once is accepted")
            found[name] = value(loader, part)
        return found
    construct = _CONSTRUCT.get(node.tag.removeprefix(_PREFIX))
    if construct is None:
        return node.value
    try:
        return construct(loader, node)
    except (ValueError, OverflowError):  # "0x_", or a number of thousands of digits
        raise _not_plain(node, f"{shown(node.value)} is not a number; quotes make it a text") from None


_CONSTRUCT: dict[str, Any] = {
    "null": lambda loader, node: None,
    "bool": lambda loader, node: loader.construct_yaml_bool(node),
    "int": lambda loader, node: loader.construct_yaml_int(node),
    "float": lambda loader, node: loader.construct_yaml_float(node),
}


def read(data: bytes) -> Any:
    """The one document in a file's bytes, as a plain value; None where it is empty.

    Raises NotPlain, also for what is no YAML at all.
    """
    plain = plainest.read(data)
    return plain if plain is not None else by_library(data)


def by_library(data: bytes) -> Any:
    """`read` for any document."""
    import yaml

    # libyaml's parser where there is one: it is ten times as fast.
    kind: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        loader = kind(data)
        try:
            root = loader.get_single_node()
            check(loader, root)
            return None if root is None else value(loader, root)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: not UTF-8
        mark = getattr(error, "problem_mark", None)
        raise NotPlain(mark.line + 1 if mark else 1, "not YAML") from None


def _own_tag(loader: Any, node: yaml.Node) -> str:
    """The tag that the node has where none is written."""
    import yaml

    plain = isinstance(node, yaml.ScalarNode) and not node.style
    return str(loader.resolve(type(node), node.value, (plain, not plain)))


def _not_plain(node: yaml.Node, message: str) -> NotPlain:
    return NotPlain(node.start_mark.line + 1, message)
