"""A target says which kind of thing is deleted, and statistics say what sharing saves."""

from typing import Any

import msgspec
import pytest

from agentreplay.model.receipt import Statistics, Target
from agentreplay.testing import Maker


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({}, "project"),
        ({"session": "s"}, "session"),
        ({"session": "s", "trace_id": "ab" * 16}, "trace"),
        ({"trace_id": "ab" * 16}, "trace"),
        ({"trace_id": "ab" * 16, "span_id": "cd" * 8}, "payload"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_most_exact_field_says_what_is_deleted(make: Maker, fields: dict[str, Any], what: str) -> None:
    assert Target(tenant=make.tenant, project=make.project, **fields).what == what


def test_reuse_is_how_often_each_content_is_held() -> None:
    empty = Statistics(sessions=0, spans=0, contents=0, links=0)

    assert empty.reuse == 1
    assert msgspec.structs.replace(empty, content_bytes=100, held_bytes=300).reuse == 3
