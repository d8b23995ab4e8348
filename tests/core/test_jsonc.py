"""JSON that people wrote is changed in place, and what is not changed keeps each byte."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.jsonc import add_item, read, remove_items
from agentreplay.errors import ValueInvalid

OURS = {"command": "ours"}
COMMENTED = """\
// of a person
{
    "model": "opus", // the large one
    /* what runs */
    "hooks": {
        "Stop": [
            {"command": "say done"}, // loud, and clear
        ],
    },
}
"""


def is_ours(item: Any) -> bool:
    return bool(item == OURS)


def both(text: str, *events: str) -> tuple[str, str]:
    added = text
    for event in events:
        added = add_item(added, ("hooks", event), OURS)
    return added, remove_items(added, ("hooks",), is_ours)


@pytest.mark.parametrize(
    "text",
    [
        "{}\n",
        '{"a": 1}',
        '{\n\t"a": [1, 2]\n}\n',
        '{\r\n  "a": 1\r\n}\r\n',
        '{"hooks": {"Stop": [{"command": "x"}]}}\n',
        '\ufeff{"hooks": {"Other": [1]}, "z": {}}\n',
        COMMENTED,
    ],
)
def test_what_is_added_can_be_taken_out_without_a_trace(text: str) -> None:
    added, restored = both(text, "Stop", "Start")

    assert read(added)["hooks"]["Stop"][-1] == OURS
    assert read(added)["hooks"]["Start"] == [OURS]
    assert [line for line in text.splitlines() if "//" in line and line not in added] == []
    assert read(restored) == read(text)


def test_comments_and_commas_stay_where_they_are() -> None:
    added, restored = both(COMMENTED, "Stop")

    assert added.splitlines()[:7] == COMMENTED.splitlines()[:7]
    assert '    "model": "opus", // the large one' in added
    assert restored == COMMENTED


@pytest.mark.parametrize("empty", ["", "  \n"])
def test_an_empty_file_becomes_an_object(empty: str) -> None:
    assert read(add_item(empty, ("hooks", "Stop"), OURS)) == {"hooks": {"Stop": [OURS]}}


@pytest.mark.parametrize(
    ("text", "line"),
    [("{", 1), ('{"a"\n1}', 1), ('{\n"a": 1\n"b": 2}', 3), ("{}\n{}", 2), ("[1,,2]", 1), ('{"a": tru}', 1)],
)
def test_what_is_no_json_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ValueInvalid, match=f"line {line}"):
        read(text)


@pytest.mark.parametrize("text", ['{"hooks": []}', '{"hooks": {"Stop": {}}}', "[]", "5"])
def test_a_shape_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ValueInvalid, match="is no"):
        add_item(text, ("hooks", "Stop"), OURS)


KEYS = st.text(max_size=6) | st.sampled_from(["hooks", "Stop", "Start"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
HOOKS = st.dictionaries(st.sampled_from(["Stop", "Start", "End"]), st.lists(VALUES, min_size=1, max_size=3), min_size=1)
INDENTS: st.SearchStrategy[Any] = st.sampled_from([None, 0, 1, 2, 4, "\t"])


@given(
    before=st.dictionaries(KEYS.filter(lambda key: key != "hooks"), VALUES, max_size=4),
    hooks=st.none() | HOOKS,
    indent=INDENTS,
    events=st.lists(st.sampled_from(["Stop", "Start", "More"]), unique=True),
)
def test_any_file_says_afterwards_what_it_said_before(
    before: dict[str, Any], hooks: Any, indent: Any, events: list[str]
) -> None:
    told = before if hooks is None else {**before, "hooks": hooks}
    text = json.dumps(told, indent=indent)

    added, restored = both(text, *events)

    expected = {**told, "hooks": {**(hooks or {})}} if events else told
    for event in events:
        expected["hooks"][event] = [*expected["hooks"].get(event, []), OURS]
    assert read(added) == expected
    assert read(restored) == told
    if hooks is not None and indent is not None:
        assert restored == text
