"""Two sessions side by side: what belongs together, and what differs in it."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.core.compare import Pair, Where, align, differing_outputs, tell
from agentreplay.model.call import Answer, Raised
from agentreplay.model.ids import SessionId, SpanId, TraceId
from agentreplay.playback.tape import Outputs
from tests.taping import ask, call, tape_of, tool


def pairs(before: list[Any], after: list[Any]) -> list[Pair]:
    return list(align(tape_of(*before), tape_of(*after)))


def kinds(before: list[Any], after: list[Any]) -> list[tuple[str, int | None, int | None]]:
    return [
        (pair.kind, pair.before.seq if pair.before else None, pair.after.seq if pair.after else None)
        for pair in pairs(before, after)
    ]


def test_what_is_the_same_is_paired_wherever_it_stands() -> None:
    a, b, c = (tool(number, name, result=number) for number, name in enumerate("abc", start=1))

    assert kinds([a, b, c], [a, b, c]) == [("same", 2, 2), ("same", 3, 3), ("same", 4, 4)]
    assert kinds([a, b, c], [a, c]) == [("same", 2, 2), ("removed", 3, None), ("same", 4, 4)]
    assert kinds([a, c], [a, b, c]) == [("same", 2, 2), ("added", None, 3), ("same", 4, 4)]


def test_threads_that_take_turns_otherwise_are_no_difference() -> None:
    plan, order, policy, end = (
        tool(number, name, path=path, result=name)
        for number, (name, path) in enumerate(
            [("plan", "main"), ("order", "main/1"), ("policy", "main/2"), ("end", "main")], start=1
        )
    )
    lost = tool(2, "order", path="main/1", result="lost")
    more = tool(4, "note", path="main/2")

    assert kinds([plan, order, policy, end], [plan, policy, order, end]) == [
        ("same", 2, 2),
        ("same", 3, 3),
        ("same", 4, 4),
        ("same", 5, 5),
    ]
    assert [pair.kind for pair in pairs([plan, order, policy, end], [plan, policy, lost, end])] == [
        "same",
        "changed",
        "same",
        "same",
    ]
    told = pairs([plan, order, policy, end], [plan, policy, more, order, end])
    assert [pair.call.request.operation for pair in told] == ["plan", "order", "policy", "note", "end"]


def test_calls_that_moved_to_threads_of_their_own_are_still_the_same() -> None:
    plan, order, policy, end = (tool(n, name, result=n) for n, name in enumerate(["plan", "a", "b", "end"], start=1))
    apart = [plan, tool(2, "a", path="main/1", result=2), tool(3, "b", path="main/2", result=3), end]
    together = [plan, order, policy, end]

    assert {pair.kind for pair in (*pairs(together, apart), *pairs(apart, together))} == {"same"}


def test_what_changed_is_told_with_the_place() -> None:
    before = [tool(1, result={"ships": "Friday"}, order="7"), tool(2, "mail", text="Friday")]
    after = [tool(1, result={"ships": "Monday"}, order="7"), tool(2, "mail", text="Monday")]

    first, second = pairs(before, after)

    assert [(item.path, item.expected, item.got) for item in first.answer] == [("body.ships", "Friday", "Monday")]
    assert first.request == ()
    assert [item.path for item in second.request] == ["body.text"]


def test_an_error_in_place_of_an_answer_is_a_change() -> None:
    failed = call(
        "main#1", ask(order="7"), Answer(raised=Raised(module="builtins", name="KeyError", message="x")), seq=2
    )

    (pair,) = pairs([tool(1, result=None, order="7")], [failed])

    assert pair.kind == "changed"
    assert ("error", None, "KeyError: x") in [(item.path, item.expected, item.got) for item in pair.answer]


def test_how_long_an_answer_took_is_no_difference() -> None:
    quick, slow = (call("main#1", ask(), Answer(head={"_took": took}, turn=took), seq=2) for took in (1, 9))

    assert [pair.kind for pair in pairs([quick], [slow])] == ["same"]


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["main", "main/1", "main/2"])), max_size=8),
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["main", "main/1", "main/2"])), max_size=8),
)
def test_every_call_of_any_thread_is_told_once(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    before, after = (
        [tool(n, name, result=n % 2, path=path) for n, (name, path) in enumerate(calls, start=1)]
        for calls in (one, other)
    )

    found = pairs(before, after)

    assert [pair.before for pair in found if pair.before] == before
    assert sorted((pair.after for pair in found if pair.after), key=lambda call: call.seq) == after
    assert all(pair.kind == "same" for pair in pairs(before, sorted(before, key=lambda call: call.address.path)))


@given(st.lists(st.sampled_from("abcd"), max_size=8), st.lists(st.sampled_from("abcd"), max_size=8))
def test_every_call_of_both_is_told_once(one: list[str], other: list[str]) -> None:
    before, after = ([tool(n, name, result=n % 2) for n, name in enumerate(names, start=1)] for names in (one, other))

    found = pairs(before, after)

    assert [pair.before for pair in found if pair.before] == before
    assert [pair.after for pair in found if pair.after] == after
    assert all(pair.kind == "same" for pair in found) == (one == other)


def test_outputs_that_differ_are_named() -> None:
    before = Outputs(stdout=b"a", stderr=b"", exit_code=0)

    assert differing_outputs(before, Outputs(stdout=b"b", stderr=b"", exit_code=1)) == ["stdout", "exit_code"]
    assert differing_outputs(before, before) == []


def test_both_calls_of_a_pair_are_told_with_their_spans() -> None:
    one, other = SpanId("1" * 16), SpanId("2" * 16)
    before = msgspec.structs.replace(tool(1, result=1), span_id=one, label="tool t")
    after = msgspec.structs.replace(tool(1, result=2), span_id=other, label="tool t")
    place = Where(session=SessionId("s"), trace_id=TraceId("a" * 32), span_id=one)

    changed, added = tell(pairs([before], [after, tool(2, "mail")]), (), {one: place}).items

    assert (changed.label, changed.kind) == ("tool t", "changed")
    assert changed.before_span == place
    assert (changed.after_span, added.before_span, added.after_span) == (None, None, None)
