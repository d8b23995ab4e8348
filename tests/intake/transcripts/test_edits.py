"""What becomes of a text by an edit, and when nobody can know."""

from typing import Any

import pytest

from agentreplay.intake.transcripts.edits import edited


@pytest.mark.parametrize(
    ("tool", "arguments", "before", "after"),
    [
        ("Write", {"content": "new"}, "old", "new"),
        ("write_file", {"content": "new"}, None, "new"),
        ("Edit", {"old_string": "a", "new_string": "b"}, "a a", "b a"),
        ("Edit", {"old_string": "a", "new_string": "b", "replace_all": True}, "a a", "b b"),
        ("Edit", {"old_string": "", "new_string": "b"}, None, "b"),
        ("Edit", {"old_string": "", "new_string": "b"}, "something", None),
        ("Edit", {"old_string": "gone", "new_string": "b"}, "a", None),
        ("Edit", {"old_string": "a", "new_string": "b"}, None, None),
        ("edit", {"oldString": "a", "newString": "b"}, "a", "b"),
        ("MultiEdit", {"edits": [{"old_string": "a", "new_string": "b"}] * 2}, "a a", "b b"),
        ("MultiEdit", {"edits": [{"old_string": "a", "new_string": "b"}] * 2}, "a", None),
        ("Edit", "no arguments", "a", None),
    ],
)
def test_an_edit_is_applied_as_the_agent_does(tool: str, arguments: Any, before: str | None, after: str | None) -> None:
    assert edited(tool, arguments, before) == after
