"""The memory store as a whole: how it takes in what is appended, and what it says of itself."""

from collections.abc import Callable, Sequence

import msgspec

from agentreplay.errors import BatchInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.change import Change, Changes
from agentreplay.model.content import Content
from agentreplay.model.context import ContextLink, context_id
from agentreplay.model.ids import ContentHash, ContextId, Position, TenantId
from agentreplay.model.measure import Measure, MeasureQuery
from agentreplay.model.receipt import Lag, Receipt, Statistics, Target
from agentreplay.model.session import Session
from agentreplay.model.span import FINAL, PROVISIONAL, Span, are_halves, renews, weight_of
from agentreplay.model.values import decode, encode
from agentreplay.settings import Durability
from agentreplay.store.memory.charging import charge_once, without
from agentreplay.store.memory.deletion import delete, without_payload
from agentreplay.store.memory.facts import MemoryFacts
from agentreplay.store.memory.following import follow, home_of, is_left, names_none
from agentreplay.store.memory.measure import measure
from agentreplay.store.memory.memories import MemoryMemories
from agentreplay.store.memory.search import new_messages
from agentreplay.store.memory.sessions import MemorySessions
from agentreplay.store.memory.spans import MemorySpans
from agentreplay.store.memory.state import State, session_of

__all__ = ["MemoryContents", "MemoryContexts", "MemoryStore", "open_memory"]

_UP_TO_DATE = Lag(journals=0, bytes=0)


class MemoryStore:
    """A store that keeps nothing. What is appended is visible at once."""

    def __init__(self) -> None:
        self._state = State()
        self.facts = MemoryFacts(self._state)
        self.spans = MemorySpans(self._state, self.facts)
        self.sessions = MemorySessions(self._state, self.facts)
        self.contents = MemoryContents(self._state)
        self.contexts = MemoryContexts(self._state)
        self.memories = MemoryMemories(self._state, self.facts)

    def append(self, batch: Batch) -> None:
        """Add what is in the batch, all or none."""
        _check(batch)
        # Encoded and decoded, so that a mapping the caller changes later does not change what is stored.
        own: Batch = decode(encode(batch), Batch)
        with self._state.lock:
            for session in own.sessions:
                self._tell(session)
            if own.tenant is not None:
                self._keep(own.tenant, own.contents, own.links)
            for span in own.spans:
                self._add(span)
            follow(self._state, own.spans)
            charge_once(self._state, own.spans)

    def drain(self, *, patience: float = 0.0) -> Lag:  # noqa: ARG002 - nothing comes meanwhile
        """Nothing waits here."""
        return _UP_TO_DATE

    def lag(self) -> Lag:
        """Nothing waits here."""
        return _UP_TO_DATE

    def position(self) -> Position:
        """The position of the last change."""
        with self._state.lock:
            return self._state.position

    def changes(self, after: Position, limit: int = 1000) -> Changes:
        """What happened after the position, in order."""
        with self._state.lock:
            items = tuple(change for change in self._state.changes.values() if change.position > after)[:limit]
            return Changes(items=items, position=items[-1].position if items else after)

    def measure(self, query: MeasureQuery) -> Sequence[Measure]:
        """Measures of finished spans, all of them exact."""
        with self._state.lock:
            return tuple(measure(self._state, query))

    def delete(self, target: Target) -> Receipt:
        """Remove the target and all that is derived from it."""
        with self._state.lock:
            receipt = delete(self._state, target)
            facts, memories, scores = self.facts.delete(target)
            return msgspec.structs.replace(receipt, facts=facts, memories=memories, scores=scores)

    def delete_all(
        self, targets: Sequence[Target], told: Callable[[int, int], None] | None = None
    ) -> Sequence[Receipt]:
        """Remove these in turn; nothing here can go wrong half way."""
        with self._state.lock:
            receipts: list[Receipt] = []
            for target in targets:
                receipts.append(self.delete(target))
                if told is not None:
                    told(len(receipts), len(targets))
            return receipts

    def statistics(self, *, deep: bool = False) -> Statistics:
        """What the store says of itself; `deep` adds what takes a walk through all spans."""
        with self._state.lock:
            state = self._state
            starts = [span.start for span in state.spans.values()]
            return Statistics(
                sessions=len(state.session_keys()),
                spans=len(state.spans),
                contents=len(state.contents),
                links=len(state.links),
                content_bytes=sum(len(content.data) for content in state.contents.values()),
                held_bytes=_held_bytes(state) if deep else 0,
                conflicts=state.conflicts,
                oldest=min(starts, default=None),
                newest=max(starts, default=None),
            )

    def close(self) -> None:
        """There is nothing to let go of."""

    def _tell(self, session: Session) -> None:
        stored = self._state.told.get(session.key)
        if is_left(self._state, session.key):
            return
        if stored is None or session.revision > stored.revision:
            self._state.told[session.key] = session
            self._state.record(Change(position=Position(0), what="session", session=session.key))

    def _keep(self, tenant: TenantId, contents: Sequence[Content], links: Sequence[ContextLink]) -> None:
        for content in contents:
            self._state.contents.setdefault((tenant, content.hash), content)
        for link in links:
            self._state.links.setdefault((tenant, link.id), link)

    def _add(self, span: Span) -> None:
        """Store the span, unless what is stored already says it better."""
        state = self._state
        if span.key in state.without_payload:
            span = without_payload(span, state.without_payload[span.key])
        stored = state.spans.get(span.key)
        follows = names_none(span)
        if follows:
            # It does not take back the name that it, or its trace, was told in, and contradicts none.
            home = home_of(state, span.key) if stored is None else stored.session
            span = msgspec.structs.replace(span, session=home or span.session)
            follows = stored is None or span.key in state.followers
        elif stored is not None and stored.end is not None and span.key in state.followers:
            span = msgspec.structs.replace(span, session=stored.session)
            follows = True
        are_both = stored is not None and are_halves(_weight(span), _weight(stored))
        is_renewal = are_both or (stored is not None and renews(_weight(span), _weight(stored)))
        if stored is not None and are_both:
            span = _joined(span, stored)
        elif stored is not None and is_renewal and PROVISIONAL in span.attributes:
            span = msgspec.structs.replace(span, start=min(span.start, stored.start))
        if stored is None or is_renewal:
            if not are_both:
                state.repeats.pop(span.key, None)
            (state.followers.add if follows else state.followers.discard)(span.key)
        else:
            span = without(span, state.repeats.get(span.key, 0))
        if stored is None or (is_renewal and not _say_the_same(stored, span)):
            state.spans[span.key] = span
            state.record(Change(position=Position(0), what="span", session=session_of(span), span=span.key))
        elif _weight(stored) == _weight(span) == FINAL:
            state.conflicts += not _say_the_same(stored, span)


class MemoryContents:
    """The port `Contents` over a dictionary."""

    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, tenant: TenantId, content: ContentHash) -> Content | None:
        with self._state.lock:
            return self._state.contents.get((tenant, content))


class MemoryContexts:
    """The port `Contexts` over a dictionary."""

    def __init__(self, state: State) -> None:
        self._state = state

    def read(self, tenant: TenantId, context: ContextId) -> Sequence[ContextLink]:
        with self._state.lock:
            return tuple(self._state.context(tenant, context))


def _check(batch: Batch) -> None:
    """Raise BatchInvalid for what must not be stored."""
    for content in batch.contents:
        if not content.is_whole:
            raise BatchInvalid(problem=f"the content {content.hash} does not have the hash it claims")
    for link in batch.links:
        if link.id != context_id(link.previous, link.message):
            raise BatchInvalid(problem=f"the link {link.id} does not have the id of its messages")


def _weight(span: Span) -> int:
    return weight_of(is_closed=span.end is not None, is_provisional=PROVISIONAL in span.attributes)


def _joined(one: Span, other: Span) -> Span:
    """The closed one of two halves, which began when the open one did and holds what that holds too."""
    closed, opened = (one, other) if one.end is not None else (other, one)
    more = tuple([kept for kept in opened.kept if kept not in closed.kept])
    return msgspec.structs.replace(closed, start=min(one.start, other.start), kept=closed.kept + more)


def _say_the_same(one: Span, other: Span) -> bool:
    """Whether two tellings agree, whatever place their writers gave them; NaN agrees with itself."""
    return _said(one) == _said(other)


def _said(span: Span) -> bytes:
    # As a mapping, because in a struct an empty usage is left out only where it is the very default.
    return encode(msgspec.structs.asdict(span) | {"seq": 0})


def _held_bytes(state: State) -> int:
    """The bytes of all contents, counted for each span that holds them or saw them first in its session."""
    holdings = [(span, kept.hash) for span in state.spans.values() for kept in span.kept]
    messages = new_messages(state, state.session_keys())
    holdings += [(state.spans[key], message) for key, new in messages.items() for message in new]
    contents = {(span.key, content): state.contents.get((span.tenant, content)) for span, content in holdings}
    return sum(len(content.data) for content in contents.values() if content is not None)


def open_memory(_address: str, _durability: Durability) -> MemoryStore:
    """A new store in memory, for the registry. Nothing of it survives the process, whatever is asked."""
    return MemoryStore()
