"""What a store promises about spans that are told for the time being: who sees all of them has the last word."""

from collections.abc import Callable
from typing import Any

import msgspec

from agentreplay.model.content import Kept
from agentreplay.model.session import SessionKey
from agentreplay.model.span import PROVISIONAL, Span
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NanoDollars, Usage
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of
from tests.store.observation import Probe, append, assert_same_answers, in_every_order, measures, observe

MARK: dict[str, Any] = {PROVISIONAL: True}


def pieces(make: Maker) -> tuple[Span, Span, Span]:
    """A tool call as a hook tells of its beginning and its end, and as the agent's own file tells of it."""
    final = make.span(kind="llm", tool="Bash", attributes={"exit": 0}, usage=Usage(input=5), cost=NanoDollars(9))
    assert final.end is not None
    names = {"kind": "tool", "usage": Usage(), "cost": None}
    began = msgspec.structs.replace(final, **names, end=None, start=Nanoseconds(final.start + 5), attributes=MARK)
    ended = msgspec.structs.replace(
        final,
        **names,
        start=Nanoseconds(final.end + 1),
        end=Nanoseconds(final.end + 1),
        attributes={**MARK, "hook": "end"},
    )
    return began, ended, final


def test_the_final_telling_counts_in_whatever_order_they_come(new_store: Callable[[], Store], make: Maker) -> None:
    began, ended, final = pieces(make)
    old, new = make.content("old"), make.content("new")
    ended = msgspec.structs.replace(ended, kept=(Kept(role="answer", hash=old.hash),))
    final = msgspec.structs.replace(final, kept=(Kept(role="answer", hash=new.hash),))
    told = [batch_of(began), batch_of(ended, old), batch_of(final, new)]
    seen: list[dict[str, object]] = []

    for store in in_every_order(new_store, told):
        stored = store.spans.get(final.key)
        assert stored is not None
        assert (stored.attributes, stored.start, stored.cost) == ({"exit": 0}, final.start, 9)
        assert sum(measure.spans for measure in measures(store, make.tenant)) == 1
        assert sum(measure.cost for measure in measures(store, make.tenant)) == 9
        assert store.statistics().conflicts == 0
        seen.append(observe(store, make.tenant, Probe()))
    for answers in seen[1:]:
        assert_same_answers(answers, seen[0])


def test_what_is_told_finally_and_never_ends_is_not_lost(new_store: Callable[[], Store], make: Maker) -> None:
    """As in a session that is killed: the hook saw the end of a call, and the agent's own file only has its line."""
    began, ended, final = pieces(make)
    line, answer = make.content("line"), make.content("answer")
    kept = (Kept(role="answer", hash=answer.hash),)
    ended = msgspec.structs.replace(ended, kept=kept, status_message="no", agent="x")
    opened = msgspec.structs.replace(final, end=None, status="unset", kept=(Kept(role="line", hash=line.hash),))
    told = [batch_of(began), batch_of(ended, answer), batch_of(opened, line)]
    seen: list[dict[str, object]] = []

    for store in in_every_order(new_store, told):
        stored = store.spans.get(final.key)
        assert stored is not None
        assert (stored.start, stored.end, stored.attributes) == (final.start, ended.end, ended.attributes)
        assert stored.kept == (*ended.kept, *opened.kept)
        assert sum(measure.spans for measure in measures(store, make.tenant)) == 1
        assert store.statistics().conflicts == 0
        seen.append(observe(store, make.tenant, Probe.of(told)))
    for answers in seen[1:]:
        assert_same_answers(answers, seen[0])


def test_a_final_telling_that_ends_counts_more_than_one_that_does_not(
    new_store: Callable[[], Store], make: Maker
) -> None:
    _, ended, final = pieces(make)
    opened = msgspec.structs.replace(final, end=None, status="unset", usage=Usage(), cost=None)

    for store in in_every_order(new_store, [batch_of(ended), batch_of(opened), batch_of(final)]):
        stored = store.spans.get(final.key)
        assert stored is not None
        assert (stored.end, stored.status, stored.usage) == (final.end, final.status, final.usage)
        assert sum(measure.cost for measure in measures(store, make.tenant)) == 9
        assert store.statistics().conflicts == 0


def test_what_closes_it_for_the_time_being_began_when_it_was_opened(store: Store, make: Maker) -> None:
    began, ended, _ = pieces(make)

    append(store, batch_of(began))
    append(store, batch_of(ended))

    stored = store.spans.get(began.key)
    row = store.sessions.get(SessionKey(began.tenant, began.project, began.session))
    assert stored is not None
    assert row is not None
    assert (stored.start, stored.end, row.summary.open) == (began.start, ended.end, 0)


def test_who_tells_for_the_time_being_contradicts_nobody(store: Store, make: Maker) -> None:
    _, ended, final = pieces(make)

    append(store, batch_of(final))
    append(store, batch_of(ended))
    append(store, batch_of(msgspec.structs.replace(ended, name="other")))

    assert store.statistics().conflicts == 0
    stored = store.spans.get(final.key)
    assert stored is not None
    assert (stored.name, stored.kind, stored.attributes) == (final.name, "llm", {"exit": 0})


def test_many_that_become_final_leave_their_session_as_if_told_so_first(
    new_store: Callable[[], Store], make: Maker
) -> None:
    told = [pieces(make) for _ in range(20)]
    once, twice = new_store(), new_store()

    append(once, *[batch_of(final) for *_, final in told])
    append(twice, *[batch_of(ended) for _, ended, _ in told])
    append(twice, *[batch_of(final) for *_, final in told])

    assert_same_answers(observe(twice, make.tenant, Probe()), observe(once, make.tenant, Probe()))
