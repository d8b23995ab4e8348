"""The files that a coding agent edited, each as it was at a step: rebuilt from the edits that were recorded.

An edit is a span with the attribute `file.path`; what the file held before it and after it are contents in these roles,
where they are known.
"""

from collections.abc import Iterator

import msgspec

from agentreplay.model.ids import ContentHash
from agentreplay.model.page import PageRequest
from agentreplay.model.query import AttributeMatch, SpanFilter
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store

__all__ = ["EditedFile", "edited_files"]

_PATH, _BEFORE, _AFTER = "file.path", "before", "after"
_AT_ONCE = 1_000


class EditedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the session edits, at one of its steps."""

    path: str
    edit: SpanRow
    """The last edit that had ended; where there was none yet, the first that was to come."""
    is_edited: bool
    """Whether one had."""
    content: ContentHash | None
    """What it held; None where that is not known, or where it was not there."""


def edited_files(store: Store, key: SessionKey, moment: Nanoseconds) -> list[EditedFile]:
    """All files that the session ever edits, by path, as they were at that moment."""
    found: dict[str, EditedFile] = {}
    for row, span in _edits(store, key):
        path = str(span.attributes[_PATH])
        if span.end is not None and span.end <= moment:
            held = _held(span, _AFTER)
            found[path] = EditedFile(path=path, edit=row, is_edited=True, content=held)
        elif path not in found:
            held = _held(span, _BEFORE)
            found[path] = EditedFile(path=path, edit=row, is_edited=False, content=held)
    return [found[path] for path in sorted(found)]


def _edits(store: Store, key: SessionKey) -> Iterator[tuple[SpanRow, Span]]:
    """The edits that did not fail, in their order."""
    where = SpanFilter(
        tenant=key.tenant, project=key.project, session=key.session, attributes=(AttributeMatch(key=_PATH),)
    )
    rows: list[SpanRow] = []
    request: PageRequest | None = PageRequest(limit=_AT_ONCE)
    while request is not None:
        page = store.spans.find(where, request)
        rows += page.items
        request = PageRequest(limit=_AT_ONCE, after=page.next) if page.next is not None else None
    for row in reversed(rows):
        span = store.spans.get(row.key)
        if span is not None and span.status != "error" and any(kept.role in {_BEFORE, _AFTER} for kept in span.kept):
            yield row, span


def _held(span: Span, role: str) -> ContentHash | None:
    return next((kept.hash for kept in span.kept if kept.role == role), None)
