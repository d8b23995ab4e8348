"""What lies in a golden archive, and what a store must answer about it for ever."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from agentreplay.contents.messages import split
from agentreplay.core.exact import spell_exact
from agentreplay.model.batch import Batch
from agentreplay.model.fact import Author, Draft, FactPosition, StateKey
from agentreplay.model.ids import SessionId, SpanId, TraceId
from agentreplay.model.query import SpanFilter
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Event, Link, Span
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of, draft_of
from tests.store.observation import Probe, all_spans, observe
from tests.store.world import WORDS, World

__all__ = ["ARCHIVES", "answers", "drafts", "recording"]

ARCHIVES = Path(__file__).parent / "archives"
TENANT = World().make.tenant
STATE = StateKey(TENANT, Maker().project, "default", "planner")


def recording() -> list[Batch]:
    """Every kind of row there is; the last batch is left in the journal of the archive."""
    make = Maker(seed=7)
    talk = split(
        [
            {"role": "system", "content": "Be brief.", "cache_control": {"type": "ephemeral"}},
            {"role": "user", "content": "What is 最新の状態 at the café?"},
        ]
    )
    strange = make.span(
        session="strange",
        name="naïve \udcff",
        attributes={
            "big": 1 << 80, "small": -(1 << 63), "nothing": None, "nan": float("nan"), "bytes": b"\x00\xff",
            "broken": "\ud800", "nested": [1, {"a": [2.5, True]}], "": "",
        },
        events=(Event(name="exception", time=Nanoseconds(1), attributes={"exception.message": "boiler exploded"}),),
        links=(Link(trace_id=make.new_trace_id(), span_id=make.new_span_id(), attributes={"n": 1}),),
        resource={"service.name": "golden"},
        scope={"name": "maker"},
        status="error",
        status_message="it failed",
        context=talk.ref,
        kept=talk.kept,
    )  # fmt: skip
    waiting = make.span(session="strange", end=None, kind="human")
    contradicted = make.span(session="strange", attributes={"told": 1})
    lie = msgspec.structs.replace(contradicted, attributes={"told": 2})
    told = make.session(id="strange", revision=3, labels={"team": "a"}, status="interrupted")
    return [
        *World().batches.values(),
        batch_of(told, strange, waiting, *talk.links, *talk.contents),
        batch_of(contradicted),
        batch_of(lie, make.content("nobody holds this"), tenant=make.tenant),
        batch_of(make.span(session="late", start=strange.start, name="only in the journal")),
    ]


def drafts() -> list[Draft]:
    """Transactions on two states: every kind of value, a deletion, one that takes several parts, one with an author."""
    strange = {
        "big": 1 << 80,
        "nan": float("nan"),
        "bytes": b"\x00\xff",
        "broken": "\ud800",
        "nested": [[1, {"a": [2.5]}]],
    }
    author = Author(session=SessionId("strange"), trace_id=TraceId("a" * 32), span_id=SpanId("b" * 16))
    return [
        draft_of(STATE, strange, author=author),
        draft_of(STATE, {"big": 2, "nested": ...}, idempotency="once"),
        draft_of(STATE._replace(agent="écrivain"), {f"key {number:03}": "x" * 300 for number in range(150)}),
        draft_of(STATE, {"big": None}),
    ]


def answers(store: Store) -> Any:
    """All a store says about the recording, as JSON; what has its default is left out, so that fields may be added."""
    probe = Probe.of(recording(), (*WORDS, "café", "boiler", "最新", "journal"))
    found = observe(store, TENANT, probe)
    rows = all_spans(store, SpanFilter(tenant=TENANT))
    found["spans"] = {row.key: _without_place(store.spans.get(row.key)) for row in rows}
    found["statistics"] = [store.statistics().conflicts, store.statistics().spans, store.statistics().contents]
    key = SessionKey(TENANT, Maker().project, SessionId("strange"))
    found["facts"] = [_facts(store, state) for state in store.facts.states(STATE.tenant, STATE.project)]
    found["places"] = [(row.seq, row.span_id) for row in store.spans.read(key)]
    return json.loads(json.dumps(_plain(found), sort_keys=True))


def _facts(store: Store, state: StateKey) -> object:
    """The log, and the state at each position; when it was committed differs from archive to archive."""
    log = [
        [entry.position, [[done.key, done.version, spell_exact(done.value)] for done in entry.operations], entry.author]
        for entry in store.facts.read(state)
    ]
    wholes = [
        {key: fact.version for key, fact in store.facts.whole(state, FactPosition(position)).items()}
        for position in range(store.facts.position() + 1)
    ]
    return [state.namespace, state.agent, log, wholes]


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return {"/".join(key) if isinstance(key, tuple) else str(key): _plain(one) for key, one in value.items()}
        case set() | frozenset():
            return sorted(_plain(one) for one in value)  # type: ignore[type-var]
        case msgspec.Struct():
            fields = msgspec.structs.fields(value)
            told = {field.name: getattr(value, field.name) for field in fields}
            return {field.name: _plain(told[field.name]) for field in fields if told[field.name] != _default(field)}
        case list() | tuple():
            return [_plain(one) for one in value]
        case float() if value != value:  # noqa: PLR0124 - only NaN is not equal to itself
            return "NaN"
        case _:
            return msgspec.to_builtins(value)


def _default(field: Any) -> object:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return None if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _without_place(span: Span | None) -> Span | None:
    """A span's own place is told by the lists; here it is whatever the store keeps."""
    return None if span is None else msgspec.structs.replace(span, seq=0)
