"""Values come back as they were, and a hostile tape makes nothing but plain data."""

import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
import uuid
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.sdk.plain import NotPlain, freeze, sketch, thaw


class Colour(enum.Enum):
    RED = "red"
    BLUE = (0, 0, 255)


class Place(NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Order:
    item: str
    places: list[Place]
    colour: Colour = Colour.RED


class Loud:
    """Runs something when it is made."""

    made = 0

    def __init__(self) -> None:
        Loud.made += 1

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("look elsewhere")

    __hash__ = None  # type: ignore[assignment]


keys = st.text(max_size=6) | st.just("$type")
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None), max_size=12)
    | st.binary(max_size=12)
    | st.uuids()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.datetimes()
    | st.complex_numbers(allow_nan=False)
    | st.sampled_from(Colour)
    | st.builds(Place, st.integers(), st.integers())
    | st.builds(Order, st.text(max_size=4), st.lists(st.builds(Place, st.integers(), st.integers()), max_size=2))
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(keys, inner, max_size=3)
        | st.dictionaries(st.integers() | st.tuples(st.text(max_size=2)), inner, max_size=2)
        | st.lists(inner, max_size=3).map(tuple)
        | st.frozensets(st.integers() | st.text(max_size=3), max_size=3)
        | st.sets(st.binary(max_size=3), max_size=3)
    ),
    max_leaves=12,
)


@given(values)
def test_a_plain_value_comes_back_as_it_was(value: Any) -> None:
    back = thaw(freeze(value))

    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_floats_without_a_sign_in_json_come_back(value: float) -> None:
    frozen = freeze([value])

    assert json.loads(frozen) == [{"$type": "float", "value": str(value)}]
    assert repr(thaw(frozen)) == repr([value])


@pytest.mark.parametrize("value", [Loud(), lambda: 1, object(), [Loud()], open], ids=list("abcde"))
def test_what_is_no_plain_value_is_refused_and_sketched(value: Any) -> None:
    with pytest.raises(NotPlain):
        freeze(value)
    sketch(value)


def test_a_number_too_large_to_be_written_is_refused() -> None:
    with pytest.raises(NotPlain):
        freeze([10**5000])


def test_a_value_that_holds_itself_is_told_in_no_time() -> None:
    """Each level holds itself twice, so that telling all of it would never end."""
    value: list[Any] = []
    value += [value, value]
    mapping: dict[str, Any] = {"list": value}
    mapping["self"] = mapping

    with pytest.raises(NotPlain):
        freeze(mapping)
    assert len(json.dumps(sketch(mapping))) < 1_000_000


def test_a_value_that_breaks_when_it_is_looked_at_breaks_nothing() -> None:
    @dataclasses.dataclass
    class Unfinished:
        late: int = dataclasses.field(init=False)

    class Broken(dict[str, int]):
        def items(self) -> Any:
            raise RuntimeError("no")

    for value in (Unfinished(), Broken(a=1), {"a": Broken(a=1)}):
        with pytest.raises(NotPlain):
            freeze(value)
        sketch(value)


@pytest.mark.parametrize(
    "told",
    [
        {"$type": f"{__name__}:Loud", "fields": {}},
        {"$type": "subprocess:Popen", "fields": {"args": ["true"]}},
        {"$type": "os:system", "fields": {}},
        {"$type": "antigravity:x", "fields": {}},
        {"$type": f"{__name__}:Order", "fields": {"item": "x", "__class__": 1}},
        {"$type": f"{__name__}:Place", "fields": {"x": 1}},
        {"$type": f"{__name__}:Colour", "value": "green"},
        {"$type": f"{__name__}:Colour"},
        {"$type": "float", "value": []},
        {"$type": ["list"]},
        {"$type": "items", "items": [[[], 1]]},
        {"$type": "Decimal", "value": "none"},
    ],
)
def test_a_hostile_tape_makes_nothing(told: Any) -> None:
    before = Loud.made

    with pytest.raises(NotPlain):
        thaw(json.dumps(told).encode())

    assert Loud.made == before


def test_types_are_told_apart() -> None:
    value = [True, 1, 1.0, b"1", "1", decimal.Decimal(1), uuid.UUID(int=1), dt.date(2026, 1, 1), (1,), {1}]

    assert [type(item) for item in thaw(freeze(value))] == [type(item) for item in value]
