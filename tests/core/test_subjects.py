"""What tools act on, in a few words."""

import pytest

from agentreplay.core.subjects import subject_of, subjects
from agentreplay.model.call import Request
from agentreplay.model.content import Content, Kept
from agentreplay.model.session import SessionKey
from agentreplay.model.values import Value
from agentreplay.playback.folding import CALL, fold
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import append


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [
        ({"description": "run tests", "command": "pytest -q"}, "pytest -q"),
        ({"command": ["bash", "-lc", "ls"]}, "bash -lc ls"),
        ({"old_string": "a", "file_path": "/srv/a.py"}, "/srv/a.py"),
        ({"path": "src", "pattern": "def .*"}, "def .*"),
        ({"limit": 5, "query": "refund policy"}, "refund policy"),
        ({"is_quick": True, "order": 7}, "7"),
        ({"name": "look", "arguments": {"url": "a/b"}}, "a/b"),
        ('{"path": "a.md"}', "a.md"),
        ("two\n lines", "two lines"),
        ({"todos": [{"text": "a"}]}, ""),
        (None, ""),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_the_argument_that_says_most_is_told_in_one_line(arguments: Value, subject: str) -> None:
    assert subject_of(arguments) == subject


def test_the_tools_of_a_stretch_are_told_by_their_places(store: Store, make: Maker) -> None:
    asked = Content.of(b'{"query": "order 7"}')
    folded = fold(Request(seam="tool", operation="run", body=b'{"command":"ls"}'))
    told = {"path": "main", "ordinal": 1, "digest": ""}
    spans = [
        make.span(kind="tool", kept=(Kept(role="request", hash=asked.hash),)),
        make.span(kind="llm", kept=(Kept(role="request", hash=asked.hash),)),
        make.span(kind="tool", kept=folded.kept, attributes={CALL: told}),
        make.span(kind="tool", attributes={CALL: told}),
        make.span(kind="tool", attributes={"file.path": "/srv/a.py"}),
    ]
    append(store, batch_of(*spans, asked, *folded.contents))
    key = SessionKey(make.tenant, make.project, make.session_id)

    assert subjects(store, key, 1, 10).subjects == {1: "order 7", 3: "ls", 5: "/srv/a.py"}
    assert subjects(store, key, 2, 2).subjects == {3: "ls"}
