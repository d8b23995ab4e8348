"""What tools act on, in a few words: the file, the command, the query that a call of one was given."""

import msgspec

from agentreplay.errors import AgentReplayError
from agentreplay.intake.providers import wire
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span
from agentreplay.model.values import Value
from agentreplay.playback.canonical import parse_json
from agentreplay.playback.folding import is_call, unfold_request
from agentreplay.playback.tape import library
from agentreplay.store.protocol import Store

__all__ = ["ACTING", "Subjects", "subject_of", "subjects"]

ACTING = frozenset({"tool", "mcp", "retrieval"})
"""The kinds of spans that act on something which their arguments name."""

_NAMES = (
    *("command", "cmd", "file_path", "filePath", "notebook_path", "target_file", "absolute_path"),
    *("query", "pattern", "path", "url", "uri", "description", "prompt"),
)
"""The arguments that tell it, those before that say more: who looks for a pattern in a path looks for the pattern."""

_WRAPPED = ("arguments", "args", "kwargs", "input")
_LONGEST = 200


class Subjects(msgspec.Struct, frozen=True, kw_only=True):
    """What the spans of a stretch of a session act on."""

    subjects: dict[int, str]
    """By their places. Spans that act on nothing that is told are left out."""


def subjects(store: Store, key: SessionKey, start: int, limit: int) -> Subjects:
    """Of the spans from a place on, so many at most. What was deleted meanwhile is left out."""
    found: dict[int, str] = {}
    for row in store.spans.read(key, start, limit):
        span = store.spans.get(row.key) if row.kind in ACTING else None
        if span is not None and (subject := _subject(store, span)):
            found[row.seq] = subject
    return Subjects(subjects=found)


def subject_of(arguments: Value) -> str:
    """What a tool that was given these arguments acts on, in one line; empty where they do not tell."""
    if isinstance(arguments, str):
        told = wire.parse(arguments) if arguments[:1] in {"{", "["} else None
        return _line(arguments) if told is None else subject_of(told)
    given = wire.mapping(arguments)
    named = next((text for name in _NAMES if (text := _words(given.get(name)))), "")
    if named:
        return _line(named)
    within = next((given[name] for name in _WRAPPED if isinstance(given.get(name), dict | str)), None)
    if within is not None:
        return subject_of(within)
    return _line(next((text for value in given.values() if (text := _words(value))), ""))


def _subject(store: Store, span: Span) -> str:
    # Who edits files says which, in whatever words it was asked to.
    return wire.text(span.attributes.get("file.path")) or subject_of(_asked(store, span))


def _asked(store: Store, span: Span) -> Value:
    digest = next((kept.hash for kept in span.kept if kept.role == "request"), None)
    if digest is None:
        return None
    if is_call(span):
        try:
            request = unfold_request(span, library(store, SessionKey(span.tenant, span.project, span.session)))
        except AgentReplayError:
            return None
        return parse_json(request.body, request.media)
    found = store.contents.get(span.tenant, digest)
    return None if found is None else found.data.decode("utf-8", "replace")


def _words(value: Value) -> str:
    """A text or a number as it is; of a list of texts, such as a command, all."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    parts = wire.sequence(value)
    return " ".join(map(str, parts)) if parts and all(isinstance(part, str) for part in parts) else ""


def _line(text: str) -> str:
    line = " ".join(text[: 2 * _LONGEST].split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
