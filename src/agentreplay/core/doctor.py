"""What an examination of a store means for the person who keeps it."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, cast

import msgspec

from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.model.receipt import Lag, Statistics
from agentreplay.model.session import SessionKey
from agentreplay.model.values import Value
from agentreplay.playback.tape import TROUBLES
from agentreplay.store.journal.spool import DROPPED, Dropped, dropped_in
from agentreplay.store.protocol import Store
from agentreplay.store.sqlite.connection import FORMAT
from agentreplay.store.sqlite.upkeep import Examination

__all__ = ["Finding", "findings", "recorders_told"]

_MUCH_FREE = 16 * 1024 * 1024
_LONG_LOG = 256 * 1024 * 1024
_LAST_SESSIONS = 20


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is true of a store, and what to do about it if anything."""

    level: Literal["fine", "warning", "problem"]
    text: str
    hint: str = ""


def findings(examination: Examination, told: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """What is to be said, the worst first, together with what else is known."""
    folder = examination.folder
    waits = examination.lag is not None and examination.lag.bytes > 0
    if not examination.exists and not waits:
        return (*told, Finding(level="fine", text="nothing is recorded yet; the first recording makes the folder"))
    found = [*told, *_problems(examination)]
    if examination.lag is not None:
        found += _behind(examination.lag, examination.indexer, folder)
    if examination.statistics is not None:
        found += _wear(examination.statistics, folder)
    if not any(finding.level == "problem" for finding in found):
        found.append(Finding(level="fine", text="all that is stored can be read and agrees with itself"))
    order = ("problem", "warning", "fine")
    return tuple(sorted(found, key=lambda finding: order.index(finding.level)))


def recorders_told(store: Store | None, tenant: TenantId, project: ProjectId, spool: Path) -> tuple[Finding, ...]:
    """What recorders said of themselves: errors that the programs were spared, and what could not be shipped."""
    troubles = () if store is None else _troubles(store, tenant, project)
    return (*troubles, *_dropped(dropped_in(spool), spool))


def _troubles(store: Store, tenant: TenantId, project: ProjectId) -> Iterator[Finding]:
    page = store.sessions.find(SessionFilter(tenant=tenant, project=project), PageRequest(limit=_LAST_SESSIONS))
    counts: Counter[str] = Counter()
    sessions = 0
    for row in page.items:
        told = _troubles_of(store, row.session.key)
        counts.update(told)
        sessions += bool(told)
    if counts:
        kind, _ = counts.most_common(1)[0]
        total = _count(counts.total(), "error")
        yield Finding(
            level="warning",
            text=f"{total} of the recorder were kept from programs, in {sessions} of {len(page.items)} sessions",
            hint=f"what was lost there is not on the tape; mostly it was {kind}",
        )


def _troubles_of(store: Store, key: SessionKey) -> Counter[str]:
    """By kind, over all processes of a session."""
    counts: Counter[str] = Counter()
    for kind in ("session", "step"):
        page = store.spans.find(SpanFilter(tenant=key.tenant, project=key.project, session=key.session, kind=kind))
        for row in page.items:
            span = store.spans.get(row.key)
            told: Value = None if span is None else span.attributes.get(TROUBLES)
            if isinstance(told, dict):
                counts.update({str(name): int(count) for name, count in cast("dict[str, int]", told).items()})
    return counts


def _dropped(dropped: Dropped, spool: Path) -> Iterator[Finding]:
    if dropped.journals:
        yield Finding(
            level="warning",
            text=f"{_count(dropped.journals, 'journal')} with {dropped.bytes:,} bytes were dropped unshipped",
            hint=f"give the spool more room (AGENTREPLAY_SPOOL_BYTES), then remove {spool / DROPPED}",
        )


def _problems(examination: Examination) -> Iterator[Finding]:
    command = f"{_agentreplay(examination.folder)} doctor --salvage NEW"
    hint = f"`{command}` writes all that can be read to a new folder"
    if examination.format is not None and examination.format > FORMAT:
        hint = "update agentreplay; nothing in the folder was touched"
    for problem in examination.problems:
        yield Finding(level="problem", text=problem, hint=hint)


def _behind(lag: Lag, indexer: int | None, folder: str) -> Iterator[Finding]:
    for journal in lag.damaged:
        yield Finding(
            level="warning",
            text=f"the journal {journal} was set aside: a frame in it could not be read",
            hint="all whole frames before that one were kept; the file is left for you to look at",
        )
    if not lag.bytes:
        if indexer is not None:
            yield Finding(level="fine", text=f"process {indexer} is indexing, and has nothing left to do")
        return
    waiting = f"{lag.bytes:,} bytes in {_count(lag.journals, 'journal')} are safe and not indexed yet"
    if indexer is not None:
        yield Finding(level="fine", text=f"{waiting}; process {indexer} is at it")
    else:
        hint = f"`{_agentreplay(folder)} stats` indexes them, as every command that reads does"
        yield Finding(level="fine", text=waiting, hint=hint)


def _wear(statistics: Statistics, folder: str) -> Iterator[Finding]:
    if statistics.conflicts:
        yield Finding(
            level="warning",
            text=f"{_count(statistics.conflicts, 'span')} contradicted a closed one and changed nothing",
            hint="a writer uses the same id for different spans, or changes spans after their end",
        )
    if statistics.free_bytes >= max(_MUCH_FREE, statistics.bytes // 4):
        yield Finding(
            level="warning",
            text=f"{statistics.free_bytes:,} of {statistics.bytes:,} bytes in the file are free",
            hint=f"`{_agentreplay(folder)} doctor --vacuum` gives them back",
        )
    if statistics.wal_bytes >= _LONG_LOG:
        yield Finding(
            level="warning",
            text=f"the write-ahead log has grown to {statistics.wal_bytes:,} bytes",
            hint="a process has been reading for long and holds it; it shrinks once that one is done",
        )


def _agentreplay(folder: str) -> str:
    return f"agentreplay --db-path {shlex.quote(folder)}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
