"""The files that a coding agent edited, at a step."""

from typing import Any

from agentreplay.core.edited_files import edited_files
from agentreplay.model.content import Content, Kept
from agentreplay.model.ids import ContentHash
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker
from tests.core.conftest import Keep

OLD, NEW, NEWER = (Content.of(text) for text in (b"old", b"new", b"newer"))


def edit(make: Maker, path: str, before: Content | None, after: Content | None, **more: Any) -> Span:
    sides = (("before", before), ("after", after))
    kept = tuple(Kept(role=role, hash=content.hash) for role, content in sides if content is not None)
    return make.span(kind="tool", tool="Edit", attributes={"file.path": path}, kept=kept, **more)


def test_a_file_is_as_its_last_edit_left_it_and_before_that_as_the_first_found_it(
    store: Store, keep: Keep, make: Maker
) -> None:
    spans = [
        make.span(kind="llm"),
        edit(make, "a.py", OLD, NEW),
        edit(make, "b.py", None, OLD),
        edit(make, "a.py", NEW, NEWER),
        edit(make, "a.py", NEWER, OLD, status="error"),
        make.span(kind="tool", attributes={"file.path": "only read"}),
    ]
    keep(OLD, NEW, NEWER, *spans)
    key = SessionKey(make.tenant, make.project, make.session_id)

    def told(step: int) -> list[tuple[str, bool, ContentHash | None]]:
        return [(one.path, one.is_edited, one.content) for one in edited_files(store, key, spans[step - 1].start)]

    assert told(1) == [("a.py", False, OLD.hash), ("b.py", False, None)]
    assert told(3) == [("a.py", True, NEW.hash), ("b.py", False, None)]
    assert told(6) == [("a.py", True, NEWER.hash), ("b.py", True, OLD.hash)]


def test_a_session_without_edits_has_no_edited_files(store: Store, keep: Keep, make: Maker) -> None:
    span = make.span(kind="tool")
    keep(span)

    assert edited_files(store, SessionKey(make.tenant, make.project, make.session_id), span.start) == []
