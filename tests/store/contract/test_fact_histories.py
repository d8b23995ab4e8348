"""Whatever is committed, deleted and compacted: every adapter tells what a dictionary of histories tells."""

import tempfile
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from agentreplay.errors import FactConflict, StateForgotten
from agentreplay.model.fact import (
    NOTHING,
    Author,
    Condition,
    Draft,
    Edit,
    Fact,
    FactPosition,
    StateKey,
    Transaction,
    TransactionId,
)
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.receipt import Target
from agentreplay.model.values import encode
from agentreplay.store.sqlite import facts_pictures
from tests.adapters import ADAPTERS, open_adapter

STATES = [
    StateKey(TenantId(tenant), ProjectId(project), namespace, "agent")
    for tenant, project, namespace in (("a", "p", "n"), ("a", "p", "m"), ("a", "q", "n"), ("b", "p", "n"))
]
KEYS = ("", "k", "ka", "kb", "z")
SESSIONS = (None, SessionId("s1"), SessionId("s2"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
EDITS = st.lists(
    st.tuples(st.sampled_from(KEYS[1:]), st.one_of(st.just(...), VALUES)),
    min_size=1,
    max_size=5,
    unique_by=lambda e: e[0],
)

History = list[tuple[Fact, SessionId | None]]


class FactHistories(RuleBasedStateMachine):
    """The histories are the model: of each key of each state a list of its versions."""

    adapter: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.store = open_adapter(self.adapter, Path(self._folder.name) / "store")
        self.facts = self.store.facts
        self.histories: dict[tuple[StateKey, str], History] = {}
        self.highest: dict[tuple[StateKey, str], int] = {}
        self.horizons: dict[StateKey, tuple[int, frozenset[int]]] = {}
        self.committed: list[Transaction] = []

    def teardown(self) -> None:
        try:
            self.tells_the_same()
        finally:
            self.store.close()
            self._folder.cleanup()

    def present(self, state: StateKey, key: str, at: int | None = None) -> Fact | None:
        found = [fact for fact, _ in self.histories.get((state, key), []) if at is None or fact.position <= at]
        return found[-1] if found else None

    @rule(
        state=st.sampled_from(STATES),
        edits=EDITS,
        session=st.sampled_from(SESSIONS),
        expected=st.none() | st.tuples(st.sampled_from(KEYS[1:]), st.integers(0, 3)),
        width=st.integers(1, 2),
    )
    def commit(
        self,
        state: StateKey,
        edits: list[tuple[str, Any]],
        session: SessionId | None,
        expected: tuple[str, int] | None,
        width: int,
    ) -> None:
        states = [state, state._replace(namespace="wide")][:width]
        draft = Draft(
            tenant=state.tenant,
            project=state.project,
            id=TransactionId(f"t{len(self.committed)}"),
            edits=tuple(
                Edit(
                    namespace=one.namespace,
                    agent=one.agent,
                    key=key,
                    value=None if value is ... else value,
                    is_deleted=value is ...,
                )
                for one in states
                for key, value in edits
            ),
            conditions=()
            if expected is None
            else (Condition(namespace=state.namespace, agent=state.agent, key=expected[0], version=expected[1]),),
            author=None if session is None else Author(session=session),
        )
        held = None if expected is None else self.present(state, expected[0])
        found = NOTHING if held is None or held.is_deleted else held.version
        if expected is not None and found != expected[1]:
            with pytest.raises(FactConflict):
                self.facts.commit(draft)
            return
        done = self.facts.commit(draft)
        assert not self.committed or done.position > self.committed[-1].position
        assert not self.committed or done.committed >= self.committed[-1].committed
        self.committed.append(done)
        for edit, operation in zip(draft.edits, done.operations, strict=True):
            place = (state._replace(namespace=edit.namespace), edit.key)
            version = self.highest[place] = self.highest.get(place, 0) + 1
            assert (operation.key, operation.version) == (edit.key, version)
            fact = Fact(edit.key, version, edit.value, done.position, done.committed, edit.is_deleted)
            self.histories.setdefault(place, []).append((fact, session))

    @precondition(lambda self: self.committed)
    @rule(state=st.sampled_from(STATES), session=st.sampled_from(SESSIONS))
    def delete(self, state: StateKey, session: SessionId | None) -> None:
        target = Target(tenant=state.tenant, project=state.project, session=session)
        places = [place for place in self.histories if place[0][:2] == state[:2]]
        before = sum(len(self.histories[place]) for place in places)
        for place in places:
            left = [one for one in self.histories[place] if session is not None and one[1] != session]
            self.histories[place] = left
            if not left:
                del self.histories[place], self.highest[place]
        for one in [one for one in self.horizons if all(one != place[0] for place in self.histories)]:
            del self.horizons[one]

        receipt = self.store.delete(target)

        assert receipt.facts == before - sum(len(self.histories.get(place, ())) for place in places)

    @precondition(lambda self: self.committed)
    @rule(state=st.sampled_from(STATES), data=st.data())
    def compact(self, state: StateKey, data: st.DataObject) -> None:
        places = st.sampled_from([0, *(entry.position for entry in self.committed)])
        before, keeping = data.draw(places), data.draw(st.lists(places, max_size=3))
        old, kept = self.horizons.get(state, (0, frozenset()))
        horizon = max(old, before)
        available = frozenset(place for place in keeping if place < horizon and (place >= old or place in kept))

        self.facts.compact(state, FactPosition(before), [FactPosition(place) for place in keeping])

        own = {place: told for place, told in self.histories.items() if place[0] == state}
        if own:
            self.horizons[state] = (horizon, available)
        for place, told in own.items():
            needed = [self.present(*place, at) for at in (*available, horizon)]
            self.histories[place] = [one for one in told if one[0].position > horizon or one[0] in needed]

    @rule()
    def tells_the_same(self) -> None:
        for state in STATES:
            own = {place[1]: [fact for fact, _ in told] for place, told in self.histories.items() if place[0] == state}
            living = {key: told[-1] for key, told in own.items() if not told[-1].is_deleted}
            assert encode(self.facts.whole(state)) == encode({key: living[key] for key in sorted(living)})
            assert list(self.facts.keys(state, "k").items) == sorted(key for key in living if key.startswith("k"))
            for key in KEYS[1:]:
                assert encode(self.facts.history(state, key).items) == encode(own.get(key, [])[::-1])
                assert encode(self.facts.get(state, key)) == encode(own[key][-1] if key in own else None)
            log = [
                Fact(done.key, done.version, done.value, entry.position, entry.committed, done.is_deleted)
                for entry in self.facts.read(state)
                for done in entry.operations
            ]
            by_place = sorted(
                (fact for told in own.values() for fact in told), key=lambda fact: (fact.position, fact.key)
            )
            assert encode(sorted(log, key=lambda fact: (fact.position, fact.key))) == encode(by_place)

    @precondition(lambda self: self.committed)
    @rule(state=st.sampled_from(STATES), data=st.data())
    def tells_the_past(self, state: StateKey, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, self.committed[-1].position + 1))
        horizon, kept = self.horizons.get(state, (0, frozenset()))
        if at < horizon and at not in kept:
            with pytest.raises(StateForgotten):
                self.facts.whole(state, FactPosition(at))
            return
        held = {key: self.present(state, key, at) for key in KEYS[1:]}
        living = {key: fact for key, fact in held.items() if fact is not None and not fact.is_deleted}
        assert encode(self.facts.whole(state, FactPosition(at))) == encode({key: living[key] for key in sorted(living)})
        for key, fact in held.items():
            assert encode(self.facts.get(state, key, FactPosition(at))) == encode(fact)


@pytest.mark.parametrize("examples", [15, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_tells_the_histories(adapter: str, examples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hypothesis.internal.conjecture.engine.MAX_SHRINKING_SECONDS", 60, raising=False)
    # Pictures of states that are this small would never be taken.
    monkeypatch.setattr(facts_pictures, "_A_LITTLE", 60)
    share = settings().max_examples / settings.get_profile("default").max_examples
    machine = type(f"FactHistories_{adapter}", (FactHistories,), {"adapter": adapter})

    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=round(examples * share), stateful_step_count=15, report_multiple_bugs=False),
    )
