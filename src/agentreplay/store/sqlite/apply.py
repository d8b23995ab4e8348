"""The second half of indexing: rows that were prepared go into the store, in one transaction.

Everything that is derived (places, summaries, measures, full text, who holds what) is brought up to date in
that same transaction, so that a reader sees all of a batch or nothing of it.
"""

from array import array
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import apsw

from agentreplay.model.ids import ProjectId, SessionId, SpanId, TenantId, TraceId
from agentreplay.model.session import Session, SessionRow, Summary
from agentreplay.model.span import FINAL, STATUSES, SpanRow, are_halves, renews
from agentreplay.model.summary import Tally
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NanoDollars
from agentreplay.model.values import decode
from agentreplay.store.sqlite.agreeing import Agreeing, as_erased
from agentreplay.store.sqlite.charging import Charging
from agentreplay.store.sqlite.completing import tally
from agentreplay.store.sqlite.derive import rederive_session
from agentreplay.store.sqlite.following import Following
from agentreplay.store.sqlite.halves import joined, recalled
from agentreplay.store.sqlite.keeping import Holder, Keeping
from agentreplay.store.sqlite.measuring import Rollups
from agentreplay.store.sqlite.numbering import Counter, Numbering
from agentreplay.store.sqlite.places import order_key
from agentreplay.store.sqlite.placing import renumber
from agentreplay.store.sqlite.prepared import Prepared, PreparedSpan
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rollup import ANY, AnyWord, gather, session_text
from agentreplay.store.sqlite.rows import (
    nanoseconds,
    unpack_body,
    unpack_held,
    unpack_shape,
    unpack_usage,
)
from agentreplay.store.sqlite.settling import spans_where
from agentreplay.store.sqlite.telling import Stored, Tellings, load, unknown
from agentreplay.store.sqlite.work import Known, Work

__all__ = ["Applier"]

_SQL = queries("write")
_AMONG = "span.id IN (SELECT value FROM carray(?))"


class Applier:
    """Applies what was prepared. One at a time per store: the caller holds the write transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._numbering = Numbering(connection)
        self._keeping = Keeping(connection)
        self._agreeing = Agreeing(connection, self._keeping)
        self._rollups = Rollups(connection)
        self._following = Following(connection, self._rollups)
        self._charging = Charging(connection, self._rollups)
        self._deletions = -1
        self._version = -1

    def forget(self) -> None:
        """Remember nothing of the store: a transaction was rolled back, or somebody else deleted."""
        self._numbering.forget()
        self._keeping.forget()
        self._rollups.forget()

    def apply(self, prepared: Prepared) -> None:
        """Bring everything in. The caller begins; it calls `finish` and commits, or `forget` when it does not."""
        deletions = Counter.read(self._connection, Counter.DELETIONS)
        if deletions != self._deletions:
            self.forget()
            self._deletions = deletions
        version = self._connection.pragma("data_version")
        if version != self._version:
            # Another process indexed meanwhile: numbers stay what they are, but rollups grow with every span.
            self._rollups.forget()
            self._version = version
        work = self._begin(prepared)
        self._sort_out(work)
        self._following.lead(work)
        self._charging.lead(work)
        self._keep(work)
        self._agreeing.settle(work)
        self._write_spans(work)
        self._hold(work)
        self._derive(work)
        if self._charging.settle(work) | self._following.move(work):
            self.finish()
            self.forget()
        Counter.put(self._connection, Counter.POSITION, work.position)
        if work.conflicts:
            Counter.add(self._connection, Counter.CONFLICTS, work.conflicts)

    def finish(self) -> None:
        """Write down what is left to write before the commit."""
        with self._keeping.indexing():
            # Sums and sketches ask nothing of the store, and take as long as the full text. That comes but once in a
            # transaction: whenever a statement inserts several rows, wherever, FTS5 writes out what it has collected.
            self._rollups.sum()
        self._rollups.write()

    def _begin(self, prepared: Prepared) -> Work:
        numbering = self._numbering
        words = numbering.words(prepared.words, {span.name for span in prepared.spans})
        bags = numbering.bags(prepared.bags)
        projects = numbering.projects(prepared.projects)
        sessions, session_stored = numbering.sessions([(projects[place], key) for place, key in prepared.sessions])
        traces, trace_stored = numbering.traces([(projects[place], key) for place, key in prepared.traces])
        position = Counter.read(self._connection, Counter.POSITION)
        return Work(prepared, words, bags, projects, sessions, session_stored, traces, trace_stored, position)

    def _sort_out(self, work: Work) -> None:
        """Which spans are new, which close or renew an open one, and which say nothing new."""
        known: dict[int, dict[int, Known]] = {}
        suspects: dict[int, list[int]] = {}
        for span in work.prepared.spans:
            if work.trace_stored[span.trace]:
                suspects.setdefault(span.trace, []).append(span.span_id)
        for trace, span_ids in suspects.items():
            known[trace] = self._known_spans(work.traces[trace], span_ids)
        for place, span in enumerate(work.prepared.spans):
            found = known[span.trace].get(span.span_id) if span.trace in known else None
            if found is None:
                work.fresh.append(span)
                work.arrived[place] = span
            elif (told := self._retold(work, span, found)) is not None:
                work.replaced.append((told, found))
                work.arrived[place] = told
            elif work.weight(span) == FINAL:
                self._agreeing.look(work, span, found)
        kept = {(span.trace, span.span_id): span for span in work.prepared.spans} if work.prepared.again else {}
        for span in work.prepared.again:
            found = known[span.trace].get(span.span_id) if span.trace in known else None
            if found is not None and found.weight == FINAL:
                self._agreeing.look(work, span, found)
            else:
                first = kept[span.trace, span.span_id]
                work.conflicts += _unplaced(span, first) != _unplaced(first, span)

    def _retold(self, work: Work, span: PreparedSpan, known: Known) -> PreparedSpan | None:
        """What takes the place of a stored span, if anything does."""
        weight = work.weight(span)
        are_both = are_halves(weight, known.weight)
        if not are_both and not renews(weight, known.weight):
            return None
        told = as_erased(work, span, known) if unpack_body(known.body).erased else span
        told = self._following.named(work, told, known)
        if are_both:
            stored = recalled(work, told, known, self._numbering, self._keeping)
            both = joined(told, stored)
            return None if self._agreeing.is_same(both, stored, known) else both
        if work.is_provisional(told):
            return told._replace(start=min(told.start, known.columns[2]))
        return told

    def _known_spans(self, trace: int, span_ids: Sequence[int]) -> dict[int, Known]:
        rows = self._connection.execute(_SQL["find_known_spans"], (apsw.carray(array("q", span_ids)), trace))
        return {
            row[1]: Known(row[0], row[2], row[3:20], row[20], row[21], row[22], row[23], bool(row[24]), row[25])
            for row in rows
        }

    def _keep(self, work: Work) -> None:
        prepared = work.prepared
        mentioned = {row.message for row in prepared.links}
        contexts: set[int] = set()
        for span in work.arrived.values():
            mentioned.update(span.held)
            if span.context is not None:
                contexts.add(span.context)
        work.contents = self._keeping.contents(prepared, work.words, mentioned)
        work.links = self._keeping.links(prepared, work.words, contexts, work.contents)

    def _write_spans(self, work: Work) -> None:
        self._remove_replaced(work)
        rows = work.rows(self._seqs(work))
        self._connection.executemany(_SQL["add_span"], rows.spans)
        self._connection.executemany(_SQL["add_body"], rows.bodies)
        self._connection.executemany(_SQL["index_attributes"], rows.attributes)

    def _remove_replaced(self, work: Work) -> None:
        """Take out what is told anew, and out of the measures what was closed."""
        closed = array("q", [known.number for _, known in work.replaced if not known.is_open])
        rows = [one.row for one in spans_where(self._connection, _AMONG, (apsw.carray(closed),))] if closed else []
        for _, known in work.replaced:
            self._remove(known)
        if rows:
            names = {row.session: next(self._connection.execute(_SQL["session_key"], (row.session,))) for row in rows}
            texts = {session: session_text(*named[1:]) for session, named in names.items()}
            self._rollups.subtract(gather(AnyWord(), texts, rows)[1])

    def _remove(self, known: Known) -> None:
        """Take a span out, to be written anew at a new position."""
        words = unpack_body(known.body).words(unpack_shape(known.names))
        if words:
            self._connection.execute(_SQL["forget_attributes"], (known.number, words))
        self._connection.execute(_SQL["drop_body"], (known.number,))
        self._connection.execute(_SQL["drop_span"], (known.number,))

    def _seqs(self, work: Work) -> dict[int, int]:
        """The place of each span that arrived among the others of its session."""
        spans, keys = work.arrived, work.prepared.traces
        seqs: dict[int, int] = {}
        arrived = [place for place in work.prepared.order if place in spans]
        for session, group in groupby(arrived, key=lambda place: spans[place].session):
            places = list(group)
            if work.session_stored[session]:
                told = [spans[place] for place in places]
                order = [order_key(span.start, span.told_seq, keys[span.trace][1], span.span_id) for span in told]
                seqs.update(zip(places, renumber(self._connection, work.sessions[session], order), strict=True))
            else:
                seqs.update(zip(places, range(1, len(places) + 1), strict=True))
        return seqs

    def _hold(self, work: Work) -> None:
        contents, keeping = work.contents, self._keeping
        contexts: list[tuple[Holder, int]] = []
        for session, is_stored in zip(work.sessions, work.session_stored, strict=True):
            if not is_stored:
                keeping.meet(session)
        for span in work.arrived.values():
            if not span.held and span.context is None:
                continue
            holder = (work.sessions[span.session], work.traces[span.trace], span.span_id)
            if span.held:
                keeping.hold(holder, [contents[place] for place in span.held])
            if span.context is not None:
                contexts.append((holder, work.links[span.context]))
        for holder, link in contexts:
            keeping.hold_context(holder, link)
        keeping.loosen()

    def _derive(self, work: Work) -> None:
        """Bring measures, summaries and sessions up to date."""
        prepared = work.prepared
        summaries, rollups = prepared.summaries, prepared.rollups
        if work.is_led or len(work.fresh) != len(prepared.spans):
            summaries, _ = tally(prepared, work.fresh)
            _, rollups = tally(prepared, work.arrived.values())
        self._rollups.add(rollups, work.projects, {None: 0, ANY: ANY, **dict(enumerate(work.words))})
        grown = dict(summaries)
        renewed: dict[int, list[tuple[PreparedSpan, Known]]] = {}
        for span, known in work.replaced:
            renewed.setdefault(span.session, []).append((span, known))
        tellable = self._following.tellable(work)
        told: dict[int, Session] = {place: decode(data, Session) for place, data in tellable}
        tellings = Tellings(self._connection, self._numbering)
        for place in {**grown, **renewed, **told}:
            before = self._load(work, place)
            after = self._told(work, before, told.get(place))
            summary = self._grown(work, after.row.summary, grown.get(place), renewed.get(place, ()))
            numbers = (work.projects[prepared.sessions[place][0]], work.sessions[place])
            tellings.put(numbers, before, after._replace(row=SessionRow(session=after.row.session, summary=summary)))
        tellings.flush()
        self._rederive(work, [pair for pair in work.replaced if not self._agreeing.is_plain(work, *pair)])

    def _load(self, work: Work, place: int) -> Stored:
        project, key = work.prepared.sessions[place]
        names = work.prepared.projects[project]
        if not work.session_stored[place]:
            return unknown(*names, key)
        return load(self._connection, work.sessions[place], *names, key)

    def _told(self, work: Work, before: Stored, told: Session | None) -> Stored:
        if told is None or (before.is_told and told.revision <= before.row.session.revision):
            return before
        work.position += 1
        row = SessionRow(session=told, summary=before.row.summary)
        return before._replace(row=row, is_told=True, position=work.position)

    def _grown(
        self,
        work: Work,
        summary: Summary,
        grown: Summary | None,
        renewed: Sequence[tuple[PreparedSpan, Known]],
    ) -> Summary:
        if grown is not None and not summary.spans and not renewed:
            return grown
        counted = Tally(summary)
        if grown is not None:
            counted.merge(grown)
        for span, known in renewed:
            # One that came from another session is taken out there when that is derived anew.
            if known.session == work.sessions[span.session]:
                counted.replace(self._row(known.columns), self._row(work.columns(span)))
            else:
                counted.add(self._row(work.columns(span)))
        return counted.summary()

    def _row(self, columns: tuple[Any, ...]) -> SpanRow:
        """As much of a span as a summary needs, from its columns."""
        status: int
        _, parent, start, end, status, kind, _, agent, model, _, tool, iteration, cost, usage, *_ = columns
        text = self._numbering.text
        return SpanRow(
            tenant=TenantId(""),
            project=ProjectId(""),
            session=SessionId(""),
            trace_id=TraceId(""),
            span_id=SpanId(""),
            parent_id=None if parent is None else SpanId(""),
            kind=text(kind) or "",
            start=Nanoseconds(start),
            end=nanoseconds(end),
            status=STATUSES[status],
            agent=text(agent),
            model=text(model),
            tool=text(tool),
            iteration=iteration,
            cost=None if cost is None else NanoDollars(cost),
            usage=unpack_usage(usage),
        )

    def _rederive(self, work: Work, replaced: Sequence[tuple[PreparedSpan, Known]]) -> None:
        """Derive anew what these were in and what they are in, each session once."""
        suspects: dict[int, list[int]] = {}
        for span, known in replaced:
            held = unpack_held(known.held)
            if known.context is not None:
                held += self._keeping.messages(known.context)
            for session in {known.session, work.sessions[span.session]}:
                suspects.setdefault(session, []).extend(held)
        for session, held in suspects.items():
            rederive_session(self._connection, self._numbering, self._keeping, session, held)


def _unplaced(span: PreparedSpan, other: PreparedSpan) -> PreparedSpan:
    """What a telling says, but for its place, and for the session where one of both names none."""
    span = span._replace(told_seq=0)
    return span._replace(session=0, follows=False) if span.follows or other.follows else span
