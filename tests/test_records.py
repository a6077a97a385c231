"""The records behave as the standard library's dataclasses do."""

import copy
import dataclasses
import pickle

import pytest

from speechd_neural.records import dataclass


@dataclass(frozen=True, slots=True)
class Frozen:
    name: str
    number: int = 3
    found: list[int] = dataclasses.field(default_factory=list)


@dataclass(slots=True)
class Open:
    name: str
    number: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    number: int


def test_an_object_has_the_values_that_it_was_made_with_and_the_defaults():
    for record in (Frozen("a"), Frozen("a")):  # the first one compiles
        assert (record.name, record.number, record.found) == ("a", 3, [])
    assert Frozen("a").found is not Frozen("a").found
    assert Frozen(number=4, name="b") == Frozen("b", 4)
    assert Single(number=2).number == 2


@pytest.mark.parametrize("arguments", [(), ("a", 3, [], 4)])
def test_a_value_too_few_or_too_many_is_an_error(arguments):
    with pytest.raises(TypeError, match="argument"):
        Frozen(*arguments)
    with pytest.raises(TypeError, match="argument"):
        Single(2)


def test_what_is_frozen_cannot_be_changed_and_what_is_open_can():
    record = Open("a")
    record.number = 5
    assert record == Open("a", 5)
    for change in (lambda r: setattr(r, "number", 5), lambda r: delattr(r, "number"), lambda r: setattr(r, "other", 5)):
        with pytest.raises(dataclasses.FrozenInstanceError, match="field"):
            change(Frozen("a"))
    with pytest.raises(AttributeError):
        record.other = 5


def test_equal_values_of_one_class_are_equal_and_have_one_hash():
    assert Single(number=2) == Single(number=2) != Single(number=3)
    assert hash(Single(number=2)) == hash(Single(number=2))
    assert Open("a", 3) != Frozen("a", 3)
    with pytest.raises(TypeError, match="unhashable"):
        hash(Open("a"))


def test_the_functions_of_the_standard_library_work():
    record = Frozen("a", found=[1])
    assert repr(record) == "Frozen(name='a', number=3, found=[1])"
    assert [entry.name for entry in dataclasses.fields(record)] == ["name", "number", "found"]
    assert dataclasses.replace(record, number=4) == Frozen("a", 4, [1])
    assert dataclasses.asdict(record) == {"name": "a", "number": 3, "found": [1]}
    assert copy.copy(record) == copy.deepcopy(record) == pickle.loads(pickle.dumps(record)) == record
    match record:
        case Frozen(name, 3):
            assert name == "a"
