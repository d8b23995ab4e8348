"""What becomes of each call: served, performed, put in by a fork, or the end of the replay."""

from typing import Any

import msgspec
import pytest

from agentreplay.model.call import Address, Answer, Call, Chunk, Request, Site
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.canonical import digest
from agentreplay.playback.patch import parse
from agentreplay.playback.player import OnDivergence, Outcome, Plan, Player, Tail
from agentreplay.playback.tape import SLEEP, Tape, Tool
from tests.taping import ask, call, tape_of, tool

FIRST, SECOND, THIRD = (tool(number, result=number, order=str(number)) for number in (1, 2, 3))
TAPE = tape_of(FIRST, SECOND, THIRD)
SITE = Site("agent.py", 1, "f")


def meet(player: Player, address: str, request: Request) -> Outcome:
    path, _, ordinal = address.rpartition("#")
    return player.meet(Address(path, int(ordinal)), request, digest(request), SITE)


def go(player: Player, *calls: Call) -> list[Outcome]:
    return [meet(player, str(one.address), one.request) for one in calls]


def answer_of(one: Call) -> Answer:
    assert one.answer is not None
    return one.answer


def forked(at: int, *patches: str, tail: Tail = "live", tape: Tape = TAPE) -> Player:
    return Player(tape, Plan(at=at, patches=tuple(parse(text) for text in patches), tail=tail))


def test_what_was_recorded_is_served() -> None:
    player = Player(TAPE)

    outcomes = go(player, FIRST, SECOND, THIRD)

    assert [outcome.answer for outcome in outcomes] == [FIRST.answer, SECOND.answer, THIRD.answer]
    assert player.finish().divergences == []
    assert player.served_steps()["steps"] == [2, 3, 4]


def test_equal_requests_are_told_apart_by_their_address() -> None:
    calls = [
        call(f"main/{task}#1", ask(x=1), Answer(body=str(task).encode(), turn=4 - task), seq=task) for task in (1, 2, 3)
    ]
    player = Player(tape_of(*calls))

    assert [outcome.answer for outcome in go(player, *reversed(calls))] == [one.answer for one in reversed(calls)]


@pytest.mark.parametrize("chosen", ["stop", "serve", "live"])
@pytest.mark.parametrize("is_asked", [False, True])
def test_a_changed_request_is_answered_as_was_chosen(chosen: OnDivergence, is_asked: bool) -> None:  # noqa: FBT001
    plan = Plan(on_divergence="ask" if is_asked else chosen)
    player = Player(TAPE, plan, ask=lambda _: chosen)

    outcome = meet(player, "main#1", ask(order="9"))

    report = player.finish()
    assert [found.kind for found in report.divergences] == ["changed"]
    assert outcome.answer == (FIRST.answer if chosen == "serve" else None)
    assert (outcome.divergence is not None) == (chosen == "stop") == report.stopped


def test_what_is_served_for_another_request_shows_in_the_proof() -> None:
    player = Player(TAPE, Plan(on_divergence="serve"))

    meet(player, "main#1", ask(order="9"))

    assert [met.request for met in player.report.met] == [digest(ask(order="9"))]


@pytest.mark.parametrize("chosen", ["stop", "serve"])
def test_a_call_that_was_never_recorded_is_never_answered(chosen: OnDivergence) -> None:
    player = Player(TAPE, Plan(on_divergence=chosen))

    outcome = meet(player, "main/fetch-7#1", ask("other"))

    assert outcome.answer is None
    assert outcome.divergence is not None
    assert outcome.divergence.kind == "new"


def test_a_digest_of_another_form_does_not_make_a_request_another() -> None:
    """Tapes outlive the form in which requests are compared; then the requests themselves are."""
    old = msgspec.structs.replace(FIRST, digest="0" * 32)
    player = Player(tape_of(old))

    assert go(player, old)[0].answer == FIRST.answer
    assert player.report.met[0].request == "0" * 32


def test_what_is_no_plain_value_is_performed_again_in_its_turn_and_counts_as_met() -> None:
    live = call("main#1", ask(), Answer(is_live=True, turn=5), seq=2)
    player = Player(tape_of(live))

    outcome = go(player, live)[0]

    assert (outcome.answer, outcome.turn, outcome.divergence) == (None, 5, None)
    assert [tuple(met[:2]) for met in player.finish().met] == [("main", 1)]


def test_a_fork_serves_what_lies_before_it_and_performs_the_rest() -> None:
    player = forked(3)

    served, at, behind, new = [*go(player, FIRST, SECOND, THIRD), meet(player, "main#4", ask("more"))]

    assert served.answer == FIRST.answer
    assert at == behind == new == Outcome()
    assert player.served_steps()["steps"] == [2]


def test_a_patched_answer_is_put_in_and_kept() -> None:
    player = forked(3, 'result={"a": 1}')

    outcome = go(player, FIRST, SECOND)[1]

    assert outcome.is_new
    assert outcome.answer == Answer(body=b'{"a":1}')


def test_a_patched_request_is_asked_instead() -> None:
    outcome = go(forked(3, "request.body.order=9"), FIRST, SECOND)[1]

    assert outcome == Outcome(patches=(parse("request.body.order=9"),))


def test_what_a_model_shall_say_is_put_in_its_own_words() -> None:
    player = Player(
        TAPE, Plan(at=3, patches=(parse("text=hi"),)), speak=lambda _, text: Answer(body=text.upper().encode())
    )

    assert go(player, FIRST, SECOND)[1].answer == Answer(body=b"HI")


def test_a_hybrid_fork_serves_what_still_matches() -> None:
    player = forked(3, "result=1", tail="hybrid")
    go(player, FIRST, SECOND)

    outcome = meet(player, "main#3", THIRD.request)

    assert outcome.is_late
    assert outcome.answer == answer_of(THIRD)
    assert player.served_steps()["steps"] == [2, 4]
    assert meet(forked(2, tail="hybrid"), "main#3", ask(order="x")) == Outcome()


def test_a_scripted_fork_asks_the_script_from_the_fork_on() -> None:
    player = forked(3, tail="script")

    assert [outcome.scripted for outcome in go(player, FIRST, SECOND, THIRD)] == [False, True, True]


@pytest.mark.parametrize("tail", ["live", "script", "hybrid"])
def test_nothing_new_is_performed_before_a_fork(tail: Tail) -> None:
    """Else today's code would act on the world where the plan says that everything is served."""
    player = forked(4, tail=tail)
    go(player, FIRST)

    outcome = meet(player, "main/fetch-1#1", ask("charge_card"))

    assert outcome.divergence is not None
    assert outcome.divergence.kind == "new"


def test_a_changed_past_stops_a_fork() -> None:
    assert meet(forked(4), "main#1", ask(order="9")).divergence is not None


def test_a_recording_that_broke_off_goes_on_where_it_did() -> None:
    """What was under way when it was killed is on no tape, or waits there for its answer: a fork performs it."""
    waiting = call("main/fetch-1#1", ask("slow"), None, seq=3)
    tape = tape_of(FIRST, waiting, tool(2, seq=4), is_finished=False)
    player = forked(5, tape=tape)

    assert go(player, FIRST)[0].answer == FIRST.answer
    assert go(player, waiting) == [Outcome()]
    assert meet(player, "main/fetch-2#1", ask("unseen")) == Outcome()


def test_a_call_without_an_answer_cannot_be_replayed() -> None:
    outcome = go(Player(tape_of(call("main#1", ask(), None, seq=2), is_finished=False)), call("main#1", ask(), None))[0]

    assert outcome.divergence is not None
    assert outcome.divergence.kind == "unanswered"


def test_readings_are_served_in_order_and_from_the_fork_on_no_more() -> None:
    readings = {("main", "time.time a.py:f"): [1, 2, 3]}
    player = forked(3, tape=tape_of(FIRST, SECOND, readings=readings))

    before = [player.read("main", "time.time a.py:f"), player.read("main", "time.time a.py:g")]
    go(player, FIRST, SECOND)

    assert before == [(True, 1), (False, None)]
    assert player.read("main", "time.time a.py:f") == (False, None)
    assert player.served_steps()["read"] == [["main", "time.time a.py:f", 1]]


def test_what_leads_to_a_call_before_the_fork_is_served_though_another_task_is_behind_it() -> None:
    first, second, third = (tool(1, path=f"main/work-{task}", task=task) for task in (1, 2, 3))
    calls = [msgspec.structs.replace(one, seq=seq) for seq, one in enumerate((first, second, third), start=2)]
    paths = ("main", *(one.address.path for one in calls))
    readings = {(path, "random.random a.py:f"): [1, 2] for path in paths}
    player = forked(3, tape=tape_of(*calls, readings=readings))

    def is_served(path: str) -> bool:
        return player.read(path, "random.random a.py:f")[0]

    go(player, third)
    assert [is_served(path) for path in paths] == [True, True, True, False]
    go(player, second)
    assert [is_served(path) for path in paths] == [True, True, False, False]
    go(player, first)
    assert not any(is_served(path) for path in paths)


def test_a_fork_tells_in_which_turns_its_past_came_back() -> None:
    streamed = Answer(body=b"abc", turn=1, chunks=tuple(Chunk(1, Nanoseconds(0), turn) for turn in (2, 3, 5)))
    calls = [call("main#1", ask(), streamed, seq=2), call("main#2", ask(), Answer(turn=6), seq=3)]
    player = forked(4, tape=tape_of(*calls, readings={("main", SLEEP): [4, 7]}))
    go(player, *calls)
    player.read("main", SLEEP)

    for turn, now in ((1, 1), (2, 2), (3, 17), (4, 18)):
        player.came_back(turn, now)

    assert player.served_steps() == {
        "process": "main",
        "steps": [2, 3],
        "turns": [[3, 17], [4, 18], [5, 0], [6, 0]],
        "read": [["main", SLEEP, 1]],
    }


def test_each_process_waits_for_its_own_turns_only() -> None:
    calls = [
        call("main#1", ask(), Answer(turn=1), seq=1),
        call("main!1#1", ask(), Answer(turn=2), seq=2),
        call("main!1/2:3#1", ask(), Answer(turn=3), seq=3),
        call("main!1/2!1#1", ask(), Answer(turn=9), seq=4),
    ]
    tape = tape_of(*calls, readings={("main!1", SLEEP): [7]})

    assert [Player(tape, process=path).last_turn for path in ("main", "main!1", "main!1/2!1")] == [1, 7, 9]


def test_nobody_waits_for_what_happened_inside_of_a_call_that_is_served() -> None:
    """It does not happen again: neither its calls nor its sleeps come back."""
    outer = call("main#1", ask("outer"), Answer(turn=5), seq=2)
    inner = call("main:1#1", ask("inner"), Answer(turn=2), seq=3, inner=True)
    player = Player(
        tape_of(outer, inner, readings={("main:1", SLEEP): [1], ("main:1/2", SLEEP): [3], ("main", SLEEP): [6]})
    )

    player.order.take(5)

    assert player.order.skipped == 0
    assert player.last_turn == 6


def test_a_turn_that_never_was_keeps_nobody_waiting() -> None:
    """What a script said came at once, in pieces without a turn."""
    scripted = call("main#1", ask(), Answer(turn=2, chunks=((3, 0, 0),)), seq=1)  # type: ignore[arg-type]
    player = Player(tape_of(msgspec.convert(msgspec.to_builtins(scripted), Call), tool(3, seq=4)))

    player.order.take(2)
    player.order.take(3)

    assert player.order.skipped == 0


def test_why_it_parted_is_only_looked_for_when_it_did() -> None:
    asked: list[Any] = []

    def edited() -> tuple[str, ...]:
        asked.append(1)
        return ()

    player = Player(TAPE, edited=edited)

    go(player, FIRST)
    assert asked == []

    meet(player, "main#2", ask(order="9"))
    assert asked == [1]


def test_a_state_that_is_not_what_it_was_at_a_checkpoint_is_noted() -> None:
    tape = tape_of(FIRST, checkpoints={("main", "bought"): ["a" * 64, "b" * 64]})
    player, fork = Player(tape), Player(tape, Plan(at=2))

    for one in (player, fork):
        one.passed("main", "bought", "a" * 64)
        one.passed("main/fetch-1", "bought", "x" * 64)
        one.passed("main", "bought", "c" * 64)
        one.passed("main", "bought", "new")
        one.passed("main", "never", "new")

    noted = "the state at the checkpoint 'bought' is cccccccccccc…, and was bbbbbbbbbbbb…"
    assert player.report.notes == [noted]
    assert fork.report.notes == []


def test_a_fork_begins_at_a_tool_and_all_behind_it_is_anew() -> None:
    tools = {3: Tool("main#1"), 9: Tool("main#2")}
    player = forked(3, "result=1", tape=tape_of(FIRST, THIRD, tools=tools, readings={("main", "t"): [1]}))

    assert not player.begins_at("main/1#1")
    assert go(player, FIRST)[0].answer == FIRST.answer
    assert player.begins_at("main#1")
    assert not player.begins_at("main#1")
    assert go(player, THIRD)[0] == Outcome()
    assert player.read("main", "t") == (False, None)
    assert not player.begins_at("main#2")


def test_what_was_not_recorded_before_the_tool_is_a_divergence() -> None:
    tape = tape_of(FIRST, tools={9: Tool("main#1")})
    player = forked(9, "result=1", tape=tape)

    assert go(player, SECOND)[0].divergence is not None
