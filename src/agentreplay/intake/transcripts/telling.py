"""Makes spans of drafts, and a session of what is known of it."""

from collections.abc import Sequence

from agentreplay.intake.price_book import Book
from agentreplay.intake.providers.wire import text
from agentreplay.intake.sessions import trace_of_session
from agentreplay.intake.transcripts.identity import span_of
from agentreplay.intake.transcripts.outbox import Outbox
from agentreplay.intake.transcripts.place import MAIN, Place
from agentreplay.intake.transcripts.state import Draft, State
from agentreplay.model.content import Kept
from agentreplay.model.context import ContextRef
from agentreplay.model.ids import ContentHash
from agentreplay.model.session import Program, Session
from agentreplay.model.span import Event, Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars
from agentreplay.model.values import Value

__all__ = ["COPIED", "LINE", "RECORDED", "REPORTED", "Telling", "title_of"]

COPIED = "transcript.copied"
"""The attribute of a call to a model that stands in another session too, where it was paid for."""
LINE = "line"
"""The role in which a span keeps a line it was read from."""
RECORDED = "transcript.recorded"
"""The attribute of such a call with the session in which a gateway recorded it."""
REPORTED = "agentreplay.cost.reported"
"""The attribute with what the transcript says a span cost, in nano-dollars."""

_LONGEST_NAME = 80
_PAGE = 200
"""So many lines are kept by one span where they are told again."""
_MOST = (1 << 53) - 1
_LABELS = ("branch", "entrypoint", "permissions", "forked_from")


def title_of(text: str) -> str:
    """The first line of a text, as a name."""
    line = text.strip().partition("\n")[0].strip()
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1].rstrip() + "…"


class Telling:
    """Tells of the spans and of the session of one transcript."""

    def __init__(self, place: Place, outbox: Outbox, book: Book) -> None:
        self._place = place
        self._outbox = outbox
        self._book = book
        self._trace = trace_of_session(place.session)
        self._page: list[str] = []

    def span(self, draft: Draft, end: int | None) -> None:
        """Tell of a draft as a span, with an end when it is over."""
        if draft.kind == "llm" and draft.charged and not draft.recorded and draft.usage is not NO_USAGE:
            draft.recorded = self._place.recorded(text(draft.attributes.get("message_id")), draft.usage) or ""
        attributes = dict(draft.attributes)
        is_charged = draft.charged and not draft.recorded
        if not is_charged:
            attributes[COPIED] = True
        if draft.recorded:
            attributes[RECORDED] = draft.recorded
        if draft.cost is not None:
            attributes[REPORTED] = draft.cost
        events = [Event(name=name, time=Nanoseconds(at), attributes=told) for name, at, told in draft.events]
        span = Span(
            tenant=self._place.tenant,
            project=self._place.project,
            session=self._place.session,
            trace_id=self._trace,
            span_id=draft.id,
            parent_id=draft.parent,
            kind=draft.kind,
            name=draft.name,
            start=Nanoseconds(draft.start),
            end=None if end is None else Nanoseconds(max(end, draft.start)),
            seq=draft.seq,
            status=draft.status,
            status_message=draft.status_message,
            agent=draft.agent,
            iteration=draft.iteration,
            model=draft.model,
            provider=draft.provider,
            tool=draft.tool,
            usage=draft.usage if is_charged else NO_USAGE,
            cost=self._cost(draft),
            attributes=attributes if self._outbox.keeps_all else self._outbox.value(attributes),
            events=tuple(events),
            kept=tuple([Kept(role=role, hash=ContentHash(digest)) for role, digest in draft.kept]),
            context=None if draft.context is None else ContextRef(id=draft.context),
        )
        self._outbox.span(span)

    def page(self, name: str, lines: Sequence[str], time: int) -> None:
        """Tell of lines as they came, by a span that has its name from what stands in them."""
        self._outbox.span(
            Span(
                tenant=self._place.tenant,
                project=self._place.project,
                session=self._place.session,
                trace_id=self._trace,
                span_id=span_of(name, " ".join(lines)),
                kind="custom",
                name=name,
                start=Nanoseconds(time),
                end=Nanoseconds(time),
                kept=tuple([Kept(role=LINE, hash=ContentHash(line)) for line in lines]),
            )
        )

    def again(self, line: str, time: int) -> None:
        """A line is told another time: the store believes the first telling, so here it needs a span of its own."""
        self._page.append(line)
        if len(self._page) >= _PAGE:
            self.turn_page(time)

    def turn_page(self, time: int) -> None:
        """Tell of the lines of which nothing else tells."""
        if self._page:
            self.page("told again", self._page, time)
            self._page = []

    def session(self, state: State, *, is_silent: bool) -> None:
        """Tell of the session as it is known now; a sub-agent's transcript knows it only in part."""
        facts = state.facts
        # That nobody writes any more is news as well, though nothing was written since.
        revision = state.clock + state.tellings + is_silent
        labels = {name: facts[name] for name in _LABELS if name in facts}
        version = facts.get("version")
        self._outbox.session(
            Session(
                tenant=self._place.tenant,
                project=self._place.project,
                id=self._place.session,
                revision=1 if self._place.thread != MAIN else min(revision, _MOST_REVISION),
                name=self._outbox.text(title_of(facts.get("title") or facts.get("prompt", ""))),
                agent=self._place.agent,
                source=self._place.agent,
                program=Program(
                    cwd=facts.get("cwd", ""),
                    versions={} if version is None else {self._place.agent: version},
                    commit=facts.get("commit", ""),
                ),
                labels=labels,
                silent_since=Nanoseconds(state.clock) if is_silent else None,
            )
        )

    def _cost(self, draft: Draft) -> NanoDollars | None:
        if draft.kind != "llm":
            return None if draft.cost is None else NanoDollars(draft.cost)
        if not draft.charged or draft.recorded:
            return NanoDollars(0)
        if draft.model is None or draft.provider is None or not draft.usage.total:
            return None if draft.cost is None else NanoDollars(draft.cost)
        at = Nanoseconds(draft.start)
        quote = self._book.quote(draft.provider, draft.model, at, service_tier=draft.tier, project=self._place.project)
        cost = None if quote is None else quote.cost(draft.usage)
        told: Value = draft.cost if cost is None or cost > _MOST else cost
        return None if told is None else NanoDollars(told)


_MOST_REVISION = (1 << 63) - 1
