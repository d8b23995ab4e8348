"""A copy of a stored session without its secrets, or with its structure alone, that can still be replayed.

What was recorded under the policy `full`, or before a rule was written, is redacted as a recorder would have done it.
The program asks as it did, its requests are redacted as they are on every replay, and they meet what is kept here.
"""

from collections.abc import Callable, Sequence

import msgspec

from agentreplay.core.redact import Redactor
from agentreplay.core.redact_call import CallRedactor
from agentreplay.core.redact_program import clean_arguments, clean_output
from agentreplay.core.redact_span import SpanRedactor
from agentreplay.errors import ContentMissing
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.context import ContextRef, chain
from agentreplay.model.ids import ContentHash
from agentreplay.model.session import Session, SessionKey
from agentreplay.model.span import Span
from agentreplay.playback.canonical import digest
from agentreplay.playback.folding import CALL, context_field, fold, fold_answer, is_call, unfold
from agentreplay.playback.tape import (
    ARGUMENTS,
    CONTENT,
    READINGS,
    RETURNED,
    SALT,
    SERVED,
    SOURCES,
    STDERR,
    STDIN,
    STDOUT,
    library,
    lineage,
    whole_spans,
)
from agentreplay.settings import ContentPolicy
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store

__all__ = ["redacted_copy"]

_OURS = {READINGS, SOURCES, SERVED}
"""What a recorder notes for itself: what clocks and chance said, digests of functions, numbers of steps."""
_TEXTS = {STDIN, STDOUT, STDERR, RETURNED, ARGUMENTS}
_FOLDED = {"request", "answer", "part", "media"}

_Make = Callable[[bytes, ContentPolicy], Redactor]


def redacted_copy(store: Store, key: SessionKey, policy: ContentPolicy, make: _Make) -> MemoryStore:
    """The session, and those it was forked from, in a store of their own; `make` makes a redactor with a salt.

    What only its structure was kept of stays so. Raises SessionMissing, OriginMissing and ContentMissing.
    """
    copy = MemoryStore()
    for row in lineage(store.sessions, key):
        spans = list(whole_spans(store, row.session.key))
        root = next((span for span in spans if SALT in span.attributes), None)
        salt = b"" if root is None else bytes.fromhex(root.attributes[SALT])
        kept: ContentPolicy = "redacted" if root is None else root.attributes.get(CONTENT, "redacted")
        _Copy(store, row.session, make(salt, kept if kept == "structure" else policy)).write(spans, copy)
    return copy


class _Copy:
    """The redaction of one session."""

    def __init__(self, store: Store, session: Session, redactor: Redactor) -> None:
        self._session = session
        self._redactor = redactor
        self._calls = CallRedactor(redactor)
        self._spans = SpanRedactor(redactor)
        self._store = store
        self._library = library(store, session.key)

    def write(self, spans: Sequence[Span], copy: MemoryStore) -> None:
        copy.append(Batch(sessions=(self._clean_session(),)))
        for span in spans:
            copy.append(self._of_call(span) if is_call(span) else self._of_span(span))

    def _clean_session(self) -> Session:
        word, session = self._redactor.word, self._session
        program = session.program
        if program is not None:
            program = msgspec.structs.replace(program, argv=clean_arguments(self._redactor, program.argv))
        labels = {name: word(value, name) for name, value in session.labels.items()}
        return msgspec.structs.replace(session, name=word(session.name), labels=labels, program=program)

    def _of_call(self, span: Span) -> Batch:
        call = unfold(span, self._library)
        request = self._calls.request(call.request)
        told = dict(span.attributes[CALL])
        if told["digest"] == digest(call.request):
            # A fork that changed the request keeps the digest of what the program itself asked.
            told["digest"] = digest(request)
        folded = fold(request, context_field(span, self._library))
        kept, contents = folded.kept, folded.contents
        if call.answer is not None:
            back = fold_answer(self._calls.answer(call.answer))
            kept, contents = (*kept, *back.kept), (*contents, *back.contents)
        others = [one for one in span.kept if one.role not in _FOLDED]
        more, beside = self._contents(others)
        clean = self._clean(span)
        clean = msgspec.structs.replace(
            clean, kept=(*kept, *more), context=folded.context, attributes={**clean.attributes, CALL: told}
        )
        return Batch(spans=(clean,), contents=(*contents, *beside), links=folded.links)

    def _of_span(self, span: Span) -> Batch:
        kept, contents = self._contents(span.kept)
        clean = msgspec.structs.replace(self._clean(span), kept=kept)
        if span.context is None:
            return Batch(spans=(clean,), contents=contents)
        links = self._library.links(span.context.id)
        messages = [self._content(link.message, "") for link in links]
        new = chain(one.hash for one in messages)
        context = ContextRef(id=new[-1].id, markers=span.context.markers) if new else None
        return Batch(
            spans=(msgspec.structs.replace(clean, context=context),),
            contents=(*contents, *messages),
            links=tuple(new),
        )

    def _clean(self, span: Span) -> Span:
        clean = self._calls.span(span)
        (whole,) = self._spans.spans((msgspec.structs.replace(clean, attributes={}),))
        attributes = dict(clean.attributes)
        if SALT in attributes:
            attributes.pop(CONTENT, None)
            if self._redactor.policy != "redacted":
                attributes[CONTENT] = self._redactor.policy
        return msgspec.structs.replace(whole, attributes=attributes)

    def _contents(self, kept: Sequence[Kept]) -> tuple[tuple[Kept, ...], tuple[Content, ...]]:
        contents = tuple([self._content(one.hash, one.role) for one in kept])
        return tuple([Kept(role=one.role, hash=new.hash) for one, new in zip(kept, contents, strict=True)]), contents

    def _content(self, digest: ContentHash, role: str) -> Content:
        found = self._store.contents.get(self._session.tenant, digest)
        if found is None:
            raise ContentMissing(content=digest)
        if role in _OURS:
            return found
        data, media = found.data, found.media
        clean = clean_output(self._redactor, data) if role in _TEXTS else self._redactor.data(data, media)
        return found if clean is data else Content.of(clean, media)
