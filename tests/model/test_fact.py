"""The vocabulary of facts: what can be a key, and where a prefix ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import ValueInvalid
from agentreplay.model.fact import Draft, Edit, TransactionId, after_prefix, check_value, state_key
from agentreplay.model.ids import ProjectId, TenantId

LETTERS = st.characters(codec="utf-8") | st.sampled_from(["\ud7ff", "\ue000", "\U0010ffff"])


@given(st.text(LETTERS, max_size=3), st.text(LETTERS, max_size=4))
def test_what_begins_so_lies_before_the_end_of_the_prefix(prefix: str, text: str) -> None:
    end = after_prefix(prefix)

    assert text.startswith(prefix) == (text >= prefix and (end is None or text < end))


def draft(*edits: Edit) -> Draft:
    return Draft(tenant=TenantId("a"), project=ProjectId("p"), id=TransactionId("t"), edits=edits)


def edit(key: str, value: object = None, agent: str = "one") -> Edit:
    return Edit(namespace="n", agent=agent, key=key, value=value)


def test_edits_are_told_state_by_state_and_the_last_counts() -> None:
    told = draft(edit("a", 1), edit("a", 2, "other"), edit("b", 3), edit("a", 4)).by_state()

    assert [(state.agent, [(one.key, one.value) for one in edits]) for state, edits in told.items()] == [
        ("one", [("a", 4), ("b", 3)]),
        ("other", [("a", 2)]),
    ]


def test_drafts_that_would_write_the_same_have_one_digest() -> None:
    assert draft(edit("a", 1), edit("a", 2)).digest() == draft(edit("a", 2)).digest()
    assert draft(edit("a", 1)).digest() != draft(edit("a", 1.0)).digest()
    assert draft(edit("a", 1)).digest() != draft(edit("a", 1, "other")).digest()


def test_a_state_has_names() -> None:
    with pytest.raises(ValueInvalid):
        state_key(TenantId("a"), ProjectId("p"), "", "agent")
    with pytest.raises(ValueInvalid):
        state_key(TenantId("a"), ProjectId("p"), "n", "two\nlines")


def test_a_value_is_not_nested_without_end() -> None:
    value: list[object] = []
    value.append(value)

    with pytest.raises(ValueInvalid):
        check_value(value)


def test_a_refused_value_is_told_by_its_place() -> None:
    with pytest.raises(ValueInvalid, match=r"set at \['a'\]\[1\]"):
        check_value({"a": [1, {2}]})
