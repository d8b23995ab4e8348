"""The state of a session at each of its steps."""

from itertools import accumulate, pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentreplay.core import timeline as module
from agentreplay.core.timeline import State, Timeline, state_hash
from agentreplay.core.walk import as_begun
from agentreplay.errors import PlaceMissing, SessionMissing, ValueInvalid
from agentreplay.model.checkpoint import CHECKPOINT
from agentreplay.model.ids import SessionId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import Span, SpanRow, narrow
from agentreplay.model.summary import summarise
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.testing import NEW_YEAR, Maker, batch_of
from tests.core.conftest import Keep


def key_of(make: Maker) -> SessionKey:
    return SessionKey(make.tenant, make.project, make.session_id)


def after(seconds: float) -> Nanoseconds:
    return Nanoseconds(NEW_YEAR + round(seconds * SECOND))


def mark(make: Maker, name: str, at: float, **fields: Any) -> Span:
    return make.span(kind=CHECKPOINT, name=name, start=after(at), end=after(at), **fields)


def expected(rows: list[SpanRow], seq: int) -> State:
    """The state at a step, by its definition: looked for among all spans."""
    now = rows[seq - 1].start
    begun = [row if row.end is not None and row.end <= now else as_begun(row) for row in rows[:seq]]
    speakers = {row.agent: row for row in begun if row.kind == "llm"}
    marks = [row for row in begun if row.kind == CHECKPOINT]
    found = State(
        session=rows[0].session,
        seq=seq,
        at=now,
        span=as_begun(rows[seq - 1]),
        summary=summarise(begun),
        open=tuple(row for row in begun if row.end is None),
        contexts=tuple(module.Seen(agent=agent, span=row, context=None) for agent, row in speakers.items()),
        checkpoint=marks[-1] if marks else None,
    )
    return msgspec.structs.replace(found, hash=state_hash(found))


def test_what_began_before_is_open_until_its_end(store: Store, keep: Keep, make: Maker) -> None:
    whole = make.span(kind="agent", name="whole", start=after(0), end=after(10))
    call = make.span(kind="llm", name="ask", start=after(1), end=after(3), parent=whole, usage=Usage(input=7))
    tool = make.span(kind="tool", name="look", tool="look", start=after(3), end=after(4), parent=whole)
    keep(whole, call, tool)

    line = Timeline(store, key_of(make))

    assert [[row.name for row in line.at(seq).open] for seq in (1, 2, 3, 4)] == [
        ["whole"],
        ["whole", "ask"],
        ["whole", "look"],
        [],
    ]
    assert [line.at(seq).summary.usage.total for seq in (1, 2, 3)] == [0, 0, 7]


def test_what_a_span_costs_is_known_when_it_has_ended(store: Store, keep: Keep, make: Maker) -> None:
    keep(*(make.span(cost=NanoDollars(cost), status="error") for cost in (1, 2, 4)))

    states = list(Timeline(store, key_of(make)).states())

    assert [state.summary.cost for state in states] == [0, 1, 3]
    assert [state.summary.errors for state in states] == [0, 1, 2]
    assert Timeline(store, key_of(make)).at("end").summary.cost == 7


def test_of_each_agent_the_last_context_is_told(store: Store, keep: Keep, make: Maker) -> None:
    planned, written = make.conversation("plan"), make.conversation("write", "yes", "go on")
    assert planned.ref is not None
    assert written.ref is not None
    keep(planned, written)
    keep(make.span(kind="llm", agent="planner", context=planned.ref))
    keep(make.span(kind="llm", agent="writer", context=written.ref), make.span(kind="tool"))

    state = Timeline(store, key_of(make)).at(3)

    assert [(seen.agent, seen.context) for seen in state.contexts] == [
        ("planner", planned.ref.id),
        ("writer", written.ref.id),
    ]


def test_a_place_is_found_by_the_name_of_its_checkpoint(store: Store, keep: Keep, make: Maker) -> None:
    keep(make.span(start=after(1)), mark(make, "before the order", 2), make.span(start=after(3)))

    line = Timeline(store, key_of(make))

    assert line.at("before the order").seq == 2
    assert line.at("end").seq == len(line) + 1 == 4
    assert line.at(3).checkpoint is not None


def test_a_place_that_is_not_there_names_those_that_are(store: Store, keep: Keep, make: Maker) -> None:
    keep(mark(make, "first", 1), mark(make, "twice", 2), mark(make, "twice", 3))
    line = Timeline(store, key_of(make))

    with pytest.raises(PlaceMissing) as missing:
        line.at("second")
    assert "first" in missing.value.advice
    assert "1 to 3" in missing.value.advice
    for nowhere in (5, "0", "9" * 5_000):
        with pytest.raises(PlaceMissing):
            line.at(nowhere)
    with pytest.raises(ValueInvalid, match="3, 2"):
        line.at("twice")
    with pytest.raises(SessionMissing):
        Timeline(store, key_of(make)._replace(session=SessionId("none")))


def test_equal_states_have_equal_hashes_in_every_store(store: Store, keep: Keep, make: Maker) -> None:
    spans = [make.span(kind="llm", cost=NanoDollars(3)) for _ in range(4)]
    keep(*spans)
    other = MemoryStore()
    other.append(batch_of(*(msgspec.structs.replace(span, cost=None) for span in reversed(spans))))

    here = [state.hash for state in Timeline(store, key_of(make)).states()]

    assert here == [state.hash for state in Timeline(other, key_of(make)).states()]
    assert len(set(here)) == 4


def test_what_is_recorded_meanwhile_is_noticed(store: Store, keep: Keep, make: Maker) -> None:
    """A late span comes before others and moves them; an open one ends."""
    root = make.span(kind="session", name="root", start=after(0), end=None, status="unset")
    keep(root, *(make.span(start=after(seconds), end=after(seconds + 0.5)) for seconds in range(10, 2510)))
    line = Timeline(store, key_of(make))
    before = line.at(2501)

    keep(root.close(after(2000)), make.span(name="late", start=after(5), end=after(6)))

    assert [row.name for row in before.open] == ["root", "work"]
    assert len(line) == 2502
    assert line.at(2).span is not None
    assert [line.at(seq) for seq in (2, 2501, 2502)] == [
        Timeline(store, key_of(make)).at(seq) for seq in (2, 2501, 2502)
    ]
    assert [row.name for row in line.at(2502).open] == ["work"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 30))
def test_walked_step_by_step_or_asked_for_the_state_is_the_same(seed: int, count: int) -> None:
    """Whatever lies in whatever, and however the steps are asked for."""
    random, make, store = Random(seed), Maker(seed), MemoryStore()
    starts = list(accumulate(random.choice((0, 1, 5)) for _ in range(count)))
    spans = [
        make.span(
            kind=random.choice(("llm", "tool", "step", CHECKPOINT)),
            agent=random.choice((None, "one", "two")),
            start=after(start),
            end=random.choice((None, after(start), after(start + random.randrange(30)), after(start - 1))),
            status=random.choice(("ok", "error")),
            cost=random.choice((None, NanoDollars(random.randrange(9)))),
            usage=Usage(input=random.randrange(5)),
        )
        for start in starts
    ]
    random.shuffle(spans)
    store.append(batch_of(*spans))
    rows = [narrow(row) for row in store.spans.read(key_of(make))]
    line = Timeline(store, key_of(make))

    walked = list(line.states())

    assert walked == [expected(rows, seq) for seq in range(1, count + 1)]
    order = random.sample(range(1, count + 1), count)
    assert [line.at(seq) for seq in order] == [walked[seq - 1] for seq in order]


def test_to_go_on_from_a_milestone_takes_a_short_walk(
    store: Store, keep: Keep, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_APART", 10)
    keep(*(make.span(end=None, status="unset") for _ in range(5)), *(make.span() for _ in range(95)))
    line = Timeline(store, key_of(make))
    line.at(100)
    read: list[int] = []
    reading = type(store.spans).read

    def counted(self: object, session: SessionKey, start: int = 1, limit: int | None = None) -> Any:
        read.append(limit or 0)
        return reading(self, session, start, limit)  # type: ignore[arg-type]  # of whichever adapter

    monkeypatch.setattr(type(store.spans), "read", counted)
    costs: list[int] = []
    for seq in (100, 57, 3):
        line.at(seq)
        costs.append(sum(read))
        read.clear()

    assert max(costs) <= 11
    assert all(one.hash != other.hash for one, other in pairwise(line.states()))
