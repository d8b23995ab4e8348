"""Where a text came from: the earliest message, request or answer of a session in which it stands."""

import json
from collections.abc import Iterator
from typing import Literal

import msgspec

from agentreplay.contents.text import words_of
from agentreplay.core.context import messages, previous
from agentreplay.core.exchange import exchange
from agentreplay.core.relations import get
from agentreplay.errors import ContentMissing, ContextMissing, QueryInvalid
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.span import Span, SpanKey, SpanRow, narrow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value, is_list, is_map
from agentreplay.store.protocol import Store

__all__ = ["MOST_WORDS", "Provenance", "provenance"]

MOST_WORDS = 60
"""Of a text; what is behind them is not looked for."""
_AT_ONCE = PageRequest(limit=100)
_ROUNDS = 50
_DEEPEST = 64
_MODELS = frozenset({"assistant", "model"})


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where a text stands first in its session."""

    span: SpanRow
    where: Literal["message", "request", "answer", "span"]
    """In a message the model saw, in what was asked, in what came back; `span` where it is only known to be of it."""
    role: str | None = None
    """Who said the message."""
    place: int | None = None
    """Of the message in its context, from 0."""
    is_earliest: bool = True
    """False when the search was given up before the beginning of the session was reached."""


def provenance(store: Store, key: SpanKey, text: str) -> Provenance | None:
    """The earliest span of the session, up to this one, that holds the words of a text one behind the other.

    None where none does, not even this one. Letter case, accents and what stands between words do not matter.
    Raises SpanMissing, and QueryInvalid when the text has no words.
    """
    here = get(store.spans, key)
    words = words_of(text)[:MOST_WORDS]
    if not words:
        raise QueryInvalid(problem="there are no words in the text to look for")
    phrase = f'"{" ".join(words)}"'
    found: SpanRow | None = None
    until = here.start + 1
    for _ in range(_ROUNDS):
        where = SpanFilter(tenant=here.tenant, project=here.project, session=here.session, until=Nanoseconds(until))
        hits = store.spans.search(phrase, where, _AT_ONCE).items
        rows = [hit.span for hit in hits if hit.content is not None]
        if not rows:
            return None if found is None else _placed(store, get(store.spans, found.key), words, is_earliest=True)
        found = min(rows, key=lambda row: (row.start, row.seq))
        until = found.start
    return None if found is None else _placed(store, get(store.spans, found.key), words, is_earliest=False)


def _placed(store: Store, span: Span, words: list[str], *, is_earliest: bool) -> Provenance:
    """Where in a span they stand: a message comes before the answer that may repeat it."""
    row, phrase = narrow(span), " ".join(words)
    try:
        seen = messages(store, span.key)
    except ContextMissing:
        seen = None
    for message in seen.messages if seen is not None else ():
        if _holds(message.message, phrase):
            if message.role in _MODELS and (said := _said(store, span, phrase)) is not None:
                return Provenance(span=said, where="answer", is_earliest=is_earliest)
            return Provenance(
                span=row, where="message", role=message.role, place=message.place, is_earliest=is_earliest
            )
    try:
        call = exchange(store, span.key)
    except ContentMissing:
        return Provenance(span=row, where="span", is_earliest=is_earliest)
    if call.asked is not None and _holds(call.asked.value, phrase):
        return Provenance(span=row, where="request", is_earliest=is_earliest)
    reply = None if call.reply is None else call.reply.message
    if call.answered is not None and (_holds(call.answered.value, phrase) or _holds(reply, phrase)):
        return Provenance(span=row, where="answer", is_earliest=is_earliest)
    return Provenance(span=row, where="span", is_earliest=is_earliest)


def _said(store: Store, span: Span, phrase: str) -> SpanRow | None:
    """The call that a call goes on from, when its answer came in pieces in which the words are not whole."""
    earlier = previous(store, span)
    if earlier is None:
        return None
    try:
        reply = exchange(store, earlier.key).reply
    except ContentMissing:
        return None
    if reply is None:
        return None
    spoken: list[Value] = [reply.text, reply.reasoning, *(call.arguments for call in reply.tool_calls)]
    return narrow(earlier) if _holds(spoken, phrase) else None


def _holds(value: Value, phrase: str) -> bool:
    return any(f" {phrase} " in f" {' '.join(words_of(text))} " for text in _texts(value))


def _texts(value: Value, depth: int = 0) -> Iterator[str]:
    """All texts in a value; those that are JSON themselves, as arguments of tools are, by what is in them."""
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        inner = _parsed(value)
        if inner is None:
            yield value
        else:
            yield from _texts(inner, depth + 1)
    elif is_map(value):
        for item in value.values():
            yield from _texts(item, depth + 1)
    elif is_list(value):
        for item in value:
            yield from _texts(item, depth + 1)


def _parsed(text: str) -> Value:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value: Value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value
