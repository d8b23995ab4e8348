"""An example suits its schema, whatever dialect of JSON schema that is written in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.testing.example import example


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "Paris"),
        ({"type": "STRING", "enum": ["C", "F"]}, "C"),
        ({"const": 3}, 3),
        ({"type": "integer", "default": 5}, 5),
        ({"type": "integer"}, 7),
        ({"type": "number", "minimum": 10.5}, 10.5),
        ({"type": "integer", "maximum": 2}, 2),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": ["null", "integer"]}, 7),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, True),
        ({"type": "array", "items": {"type": "integer"}}, []),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [7, 7]),
        ({"type": "object", "properties": {"a": {"type": "integer"}, "b": {}}, "required": ["a"]}, {"a": 7}),
        ({"properties": {"a": {"type": "integer"}, "b": {}}}, {"a": 7, "b": "Paris"}),
        ({"$ref": "#/$defs/City", "$defs": {"City": {"type": "object", "properties": {}}}}, {}),
        ({"$ref": "https://example.com/schema"}, "Paris"),
        (None, "Paris"),
    ],
)
def test_an_example_suits_its_schema(schema: Any, value: Any) -> None:
    assert example(schema) == value


def test_a_schema_that_holds_itself_has_an_example() -> None:
    tree = {"type": "object", "properties": {"left": {"$ref": "#/$defs/Tree"}}}

    assert "left" in example({"$ref": "#/$defs/Tree", "$defs": {"Tree": tree}})


NAMES = "type const default enum anyOf items minItems properties required minimum maximum $ref a".split()
SCHEMAS = st.recursive(
    st.none() | st.integers() | st.sampled_from(["object", "array", "number", "#/a", "#/properties"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=10,
)


@given(SCHEMAS)
def test_a_schema_of_any_kind_does_no_harm(schema: Any) -> None:
    example(schema)
