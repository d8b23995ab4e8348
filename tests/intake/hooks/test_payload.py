"""What a hook keeps comes back as it was, whatever the event holds."""

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.hooks.payload import FIELDS, pack, unpack

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


@given(head=st.fixed_dictionaries(dict.fromkeys(FIELDS, WORDS)), body=st.binary(max_size=200))
def test_head_and_event_come_back(head: dict[str, str], body: bytes) -> None:
    assert unpack(pack(head, body)) == (head, body)


def test_what_was_not_told_is_empty() -> None:
    assert unpack(pack({"tenant": "a\0b"}, b"\0{}")) == ({**dict.fromkeys(FIELDS, ""), "tenant": "ab"}, b"\0{}")


def test_other_bytes_are_no_payload() -> None:
    assert unpack(b"a\0b") is None
