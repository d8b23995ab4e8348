"""Values in JSON become exactly the same values again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.exact import read_exact, spell_exact
from agentreplay.errors import ValueInvalid
from agentreplay.model.values import encode

TEXTS = st.text(st.characters(), max_size=8) | st.sampled_from(
    ["\ud800", "$bytes", "$map", "$text:", "$integer", "$text:\udfff"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_spelled_is_read_again(value: Any) -> None:
    told = json.loads(json.dumps(spell_exact(value), allow_nan=False).encode())

    assert encode(read_exact(told)) == encode(value)


def test_what_looks_like_a_sign_is_none() -> None:
    for value in (10**5_000, -(10**4_100), 2**53 + 1, {"$bytes": "aGk="}, {"$map": {"a": 1}}):
        assert read_exact(spell_exact(value)) == value


def test_what_json_knows_is_spelled_as_it_is() -> None:
    value: Any = {"a": [1, 1.5, None, True, "é", {"b": {}}]}

    assert spell_exact(value) == value


@pytest.mark.parametrize(
    "told", [{"$bytes": "?"}, {"$bytes": 1}, {"$integer": "x"}, {"$float": "much"}, {"$text": "-"}, {"$text:-": 1}]
)
def test_what_was_not_spelled_so_is_refused(told: Any) -> None:
    with pytest.raises(ValueInvalid):
        read_exact(told)


def test_what_is_nested_too_deep_is_refused() -> None:
    told: Any = 1
    for _ in range(300):
        told = [told]

    with pytest.raises(ValueInvalid):
        read_exact(told)
