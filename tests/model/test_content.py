"""A content is known by the hash of its bytes."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.errors import ValueInvalid
from agentreplay.model.content import TEXT, Content, Kept
from agentreplay.model.ids import ContentHash
from agentreplay.model.values import decode, encode
from tests import strategies


@given(strategies.contents)
def test_a_content_loses_nothing(content: Content) -> None:
    assert decode(encode(content), Content) == content


@given(st.binary(max_size=50))
def test_the_media_type_is_no_part_of_the_hash(data: bytes) -> None:
    assert Content.of(data).hash == Content.of(data, TEXT).hash


def test_an_upper_case_hash_becomes_lower_case() -> None:
    content = Content.of(b"data")

    assert Kept(role="answer", hash=ContentHash(content.hash.upper())).hash == content.hash


@pytest.mark.parametrize("hash_", ["", "ab", "zz" * 32, "ab" * 33])
def test_what_is_no_hash_is_refused(hash_: str) -> None:
    with pytest.raises(ValueInvalid, match="hash"):
        Kept(role="answer", hash=ContentHash(hash_))


def test_a_lone_surrogate_in_a_media_type_is_spelled_out() -> None:
    assert Content.of(b"", "text/\ud800").media == "text/\\ud800"


def test_a_content_whose_bytes_changed_is_not_whole() -> None:
    content = Content.of(b"as it was")

    assert content.is_whole
    assert not msgspec.structs.replace(content, data=b"as it is").is_whole
