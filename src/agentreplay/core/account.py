"""The account of a session: what was asked, said and done in it, in order, as people would tell it.

It is made of the recording alone, whoever recorded it: prompts that a hook or a file tells, or what a model was told
that it had not been told before; answers; tools with what they were given and what came of them.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from agentreplay.core.exchange import exchange
from agentreplay.core.redact import Redactor
from agentreplay.core.sessions import get
from agentreplay.core.subjects import ACTING
from agentreplay.errors import AgentReplayError
from agentreplay.intake.providers import wire
from agentreplay.model.content import JSON
from agentreplay.model.ids import ContentHash
from agentreplay.model.session import SessionKey, SessionRow
from agentreplay.model.span import Span, SpanRow, Status
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import Value, is_map
from agentreplay.playback.folding import is_call
from agentreplay.store.protocol import Store

__all__ = ["Account", "Entry", "account"]

_MOST_CONTEXTS = 500
"""Of so many calls it is looked up what the model was told: each means reading all of its context."""
_NOTED = frozenset({"human", "guardrail", "error", "agent"})
_PROMPT = "prompt"
_SAME_PROMPT = 5 * SECOND
"""Nobody asks for the same thing again so soon; but two who tell of it may be so far apart."""
_PATHS = ("file_path", "notebook_path", "filePath", "path", "target_file")
_PATCHED = ("*** Update File: ", "*** Add File: ", "*** Delete File: ")
_WRITING = ("edit", "write", "patch", "create", "replace", "insert", "delete")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was asked, said or done."""

    seq: int
    kind: Literal["prompt", "answer", "tool", "note"]
    time: Nanoseconds
    end: Nanoseconds | None
    """None where it never came to its end."""
    title: str
    """The name of the tool, of the model, of what happened."""
    text: str = ""
    """What was asked or said; why something failed."""
    thought: str = ""
    request: Value = None
    answer: Value = None
    status: Status = "unset"
    usage: Usage = NO_USAGE
    cost: NanoDollars | None = None
    id: str = ""
    """What the agent itself calls a tool call."""
    files: tuple[str, ...] = ()
    """Those that a tool was told of."""
    writes: bool = False
    """Whether the tool may have changed them."""

    @property
    def arguments(self) -> dict[str, Value]:
        """What a tool was given, as a map."""
        return self.request if is_map(self.request) else {"input": self.request}

    @property
    def result(self) -> str:
        """What came back from a tool, as text; where nothing did, why."""
        answer = self.text if self.answer is None else self.answer
        return answer if isinstance(answer, str) else wire.to_json(answer).decode("utf-8", "replace")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A session and what is in it."""

    row: SessionRow
    entries: tuple[Entry, ...]
    until: int | None = None
    """The step behind which nothing is told."""


def account(store: Store, key: SessionKey, redactor: Redactor, until: int | None = None) -> Account:
    """The account of a session, up to a step if one is given, without secrets. Raises SessionMissing."""
    row = get(store.sessions, key)
    telling = _Telling(store, redactor)
    entries = [entry for span in store.spans.read(key, 1, until) for entry in telling.of(span)]
    return Account(row=row, entries=tuple(_once(entries)), until=until)


def _once(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Each prompt once: those found in contexts only where nobody tells of prompts as such; of what a hook and a file
    tell, which have no id in common, the one that comes first.
    """
    has_prompts = any(entry.kind == "prompt" and not entry.title for entry in entries)
    met: dict[str, int] = {}
    for entry in entries:
        if entry.kind == "prompt":
            before = met.get(entry.text)
            if (has_prompts and entry.title) or (before is not None and entry.time - before < _SAME_PROMPT):
                continue
            met[entry.text] = entry.time
        yield entry


class _Telling:
    """Tells of spans, one by one, in their order."""

    def __init__(self, store: Store, redactor: Redactor) -> None:
        self._store = store
        self._redactor = redactor
        self._told: set[ContentHash] = set()
        """The messages of contexts that were met."""
        self._contexts = 0

    def of(self, row: SpanRow) -> Iterator[Entry]:
        """What there is to tell of a span."""
        is_noted = row.kind in _NOTED or row.status == "error"
        if row.kind not in {"llm", "step"} | ACTING and not is_noted and row.name != _PROMPT:
            return
        span = self._store.spans.get(row.key)
        if span is None:
            return
        if row.kind == "llm":
            yield from self._asked(row, span)
            yield self._answered(row, span)
        elif row.kind in ACTING:
            yield self._tool(row, span)
        elif row.name == _PROMPT or row.kind == "step":
            text = _words(self._content(span, "request"))
            if text:
                yield _entry(row, "prompt", "", text=self._redactor.text(text))
        else:
            yield _entry(row, "note", row.name or row.kind, text=self._redactor.text(span.status_message))

    def _asked(self, row: SpanRow, span: Span) -> Iterator[Entry]:
        """What the model is told here that it was not told before, by a person."""
        if span.context is None or self._contexts >= _MOST_CONTEXTS:
            return
        self._contexts += 1
        for link in self._store.contexts.read(span.tenant, span.context.id):
            if link.message in self._told:
                continue
            self._told.add(link.message)
            found = self._store.contents.get(span.tenant, link.message)
            message = wire.mapping(None if found is None else wire.parse(found.data))
            text = _words(message.get("content") or message.get("parts")) if message.get("role") == "user" else ""
            if text:
                yield _entry(row, "prompt", "told to the model", text=self._redactor.text(text))

    def _answered(self, row: SpanRow, span: Span) -> Entry:
        said, thought = "", ""
        if is_call(span):
            # What cannot be read any more, because it was deleted, leaves the rest to be told.
            try:
                reply = exchange(self._store, row.key).reply
            except AgentReplayError:
                reply = None
            if reply is not None:
                said, thought = reply.text, reply.reasoning
        else:
            answer = self._content(span, "answer")
            said, thought = _words(answer), _words(answer, "thinking", "reasoning")
        return _entry(
            row,
            "answer",
            row.model or row.name,
            text=self._redactor.text(said or span.status_message),
            thought=self._redactor.text(thought),
        )

    def _tool(self, row: SpanRow, span: Span) -> Entry:
        asked, answered = self._content(span, "request"), self._content(span, "answer")
        if is_call(span):
            try:
                told = exchange(self._store, row.key)
                asked, answered = (side and side.value for side in (told.asked, told.answered))
            except AgentReplayError:
                pass
        tool = row.tool or row.name
        return msgspec.structs.replace(
            _entry(row, "tool", tool, text=self._redactor.text(span.status_message)),
            id=wire.text(span.attributes.get("tool_use_id")),
            request=self._clean(asked),
            answer=self._clean(answered),
            files=tuple(dict.fromkeys(_files(asked, wire.text(span.attributes.get("file.path"))))),
            writes=any(word in tool.lower() for word in _WRITING),
        )

    def _clean(self, value: Value) -> Value:
        return self._redactor.text(value) if isinstance(value, str) else self._redactor.value(value)

    def _content(self, span: Span, role: str) -> Value:
        """What the span holds in this role."""
        digest = next((kept.hash for kept in span.kept if kept.role == role), None)
        found = None if digest is None else self._store.contents.get(span.tenant, digest)
        if found is None:
            return None
        return wire.parse(found.data) if found.media == JSON else found.data.decode("utf-8", "replace")


def _entry(
    row: SpanRow, kind: Literal["prompt", "answer", "tool", "note"], title: str, text: str, thought: str = ""
) -> Entry:
    is_charged = kind != "prompt"
    return Entry(
        seq=row.seq,
        kind=kind,
        time=row.start,
        end=row.end,
        title=title,
        status=row.status,
        usage=row.usage if is_charged else NO_USAGE,
        cost=row.cost if is_charged else None,
        text=text,
        thought=thought,
    )


def _words(value: Value, *kinds: str) -> str:
    """The text in a message, in whosever words: what is said, or the parts of these kinds."""
    if isinstance(value, str):
        return "" if kinds else value
    if isinstance(value, list):
        return "\n".join(text for part in wire.sequence(value) if (text := _words(part, *kinds)))
    told = wire.mapping(value)
    kind = wire.text(told.get("type"))
    if kinds and kind in kinds:
        return wire.text(told.get(kind)) or wire.text(told.get("text"))
    if "role" in told or kind == "message":
        return _words(told.get("content") or told.get("parts"), *kinds)
    is_said = not kinds and kind in {"", "text", "output_text", "input_text"}
    return wire.text(told.get("text") or told.get("content")) if is_said else ""


def _files(asked: Value, told: str) -> Iterator[str]:
    """The files that a tool was told of; a patch names several."""
    if told:
        yield told
    given = wire.mapping(asked)
    yield from (path for name in _PATHS if (path := wire.text(given.get(name))))
    patch = wire.text(asked) or wire.text(given.get("input")) or wire.text(given.get("patch"))
    for line in patch.splitlines() if "*** " in patch else ():
        yield from (line.removeprefix(mark).strip() for mark in _PATCHED if line.startswith(mark))
