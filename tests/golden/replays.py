"""Recordings, and programs that part from them in one place: what a replay has to say of each, for ever."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from agentreplay.model.call import Address, Answer, Call, Request, Site
from agentreplay.playback.canonical import digest
from agentreplay.playback.divergence import describe
from agentreplay.playback.player import Plan, Player
from agentreplay.playback.tape import Outputs, Tape
from agentreplay.playback.verdict import Verdict, judge
from tests.taping import ask, call, tape_of, tool

__all__ = ["REPLAYS", "SCENARIOS", "play", "recorded", "told"]

REPLAYS = Path(__file__).parent / "replays"

Step = tuple[str, Request]


def chat(number: int, seq: int, *messages: dict[str, Any], path: str = "main") -> Call:
    """A call to a model with this conversation."""
    body = json.dumps({"model": "gpt-5-mini", "messages": list(messages)}).encode()
    request = Request(seam="http", operation="POST api.example/v1/chat", head={"method": "POST"}, body=body)
    answer = Answer(body=b'{"choices": []}', turn=seq)
    return call(f"{path}#{number}", request, answer, seq=seq, label="llm gpt-5-mini")


SYSTEM = {"role": "system", "content": "You answer customers of a shop. Be brief and kind, and never promise a refund."}
USER = {"role": "user", "content": "Where is order 7?"}
ASKED = {
    "role": "assistant",
    "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "lookup_order", "arguments": '{"order":"7"}'}}
    ],
}
FOUND = {"role": "tool", "tool_call_id": "c1", "content": '{"item": "kettle", "ships": "Friday"}'}


def recorded() -> Tape:
    """A model is asked, two tools are called, the model is asked again, and a refund is made."""
    return tape_of(
        chat(1, 3, SYSTEM, USER),
        coded(tool(2, "lookup_order", {"ships": "Friday"}, order="7"), "aaaa", seq=4),
        coded(tool(3, "carrier_status", "on its way", order="7"), "bbbb", seq=5),
        chat(4, 6, SYSTEM, USER, ASKED, FOUND),
        coded(tool(5, "refund", {"done": "yes"}, order="7"), "cccc", seq=7),
        outputs=Outputs(stdout=b"It ships on Friday.\nBye\n", stderr=b"", exit_code=0, returned=b"1"),
        sources={"agent.py:main": "1", "agent.py:lookup_order": "2"},
        steps=7,
    )


def coded(one: Call, code: str, seq: int) -> Call:
    """The call of a tool whose code is known."""
    request = msgspec.structs.replace(one.request, head={"code": code})
    return msgspec.structs.replace(one, request=request, digest=digest(request), seq=seq)


def play(
    tape: Tape,
    steps: Iterable[Step],
    plan: Plan | None = None,
    outputs: Outputs | None = None,
    edited: Sequence[str] = (),
) -> Verdict:
    """What a program that makes these calls, one after the other, is told in the end."""
    player = Player(tape, plan or Plan(), edited=lambda: edited)
    site = Site("agent.py", 20, "main")
    for address, request in steps:
        path, _, ordinal = address.rpartition("#")
        outcome = player.meet(Address(path, int(ordinal)), request, digest(request), site)
        if outcome.divergence is not None:
            break
    return judge(tape, [player.finish()], tape.outputs if outputs is None else outputs)


def told(verdict: Verdict) -> str:
    """The verdict and what is said of its first divergence."""
    where = "" if verdict.diverged_at is None else f" at {verdict.diverged_at}"
    lines = [f"{verdict.status}{where}{': ' if verdict.why else ''}{verdict.why}"]
    for divergence in verdict.divergences[:1]:
        lines += describe(divergence)
        lines += [] if divergence.fork_at is None else [f"fork at {divergence.fork_at}"]
    return "\n".join(lines) + "\n"


def steps_of(tape: Tape, *changes: tuple[int, Request | None]) -> list[Step]:
    """The calls of a tape with some changed, or left out, by their number from 1."""
    changed = dict(changes)
    found: list[Step] = []
    for number, one in enumerate(tape.calls, start=1):
        request = changed.get(number, one.request)
        if request is not None:
            found.append((f"main#{len(found) + 1}", request))
    return found


def with_body(one: Call, **fields: Any) -> Request:
    """The request of a call with other fields in its body."""
    body = {**json.loads(one.request.body), **fields}
    return msgspec.structs.replace(one.request, body=json.dumps(body).encode())


def with_code(one: Call, code: str) -> Request:
    return msgspec.structs.replace(one.request, head={"code": code})


def _changed_prompt() -> Verdict:
    tape = recorded()
    system = {**SYSTEM, "content": SYSTEM["content"].replace("brief", "thorough")}
    request = with_body(tape.calls[0], messages=[system, USER])
    return play(tape, steps_of(tape, (1, request)), edited=("agent.py:main",))


def _changed_result_of_a_tool_that_is_not_recorded() -> Verdict:
    first, *_, last, _ = recorded().calls
    moved = msgspec.structs.replace(last, address=Address("main", 2))
    tape = tape_of(first, moved, sources=recorded().sources, steps=6)
    late = {**FOUND, "content": FOUND["content"].replace("Friday", "Monday")}
    request = with_body(tape.calls[1], messages=[SYSTEM, USER, ASKED, late])
    return play(tape, steps_of(tape, (2, request)), edited=("agent.py:lookup_order",))


def _changed_use_of_a_result() -> Verdict:
    tape = recorded()
    late = {**FOUND, "content": '{"item": "kettle"}'}
    request = with_body(tape.calls[3], messages=[SYSTEM, USER, ASKED, late])
    return play(tape, steps_of(tape, (4, request)))


def _edited_tool() -> Verdict:
    tape = recorded()
    return play(tape, steps_of(tape, (2, with_code(tape.calls[1], "ffff"))), edited=("agent.py:lookup_order",))


def _changed_argument() -> Verdict:
    tape = recorded()
    return play(tape, steps_of(tape, (2, with_body(tape.calls[1], order="8"))))


def _two_calls_change_places() -> Verdict:
    tape = recorded()
    second, third = tape.calls[1].request, tape.calls[2].request
    return play(tape, steps_of(tape, (2, third), (3, second)))


def _one_call_fewer() -> Verdict:
    tape = recorded()
    return play(tape, steps_of(tape, (3, None)))


def _the_last_call_is_not_made() -> Verdict:
    tape = recorded()
    return play(tape, steps_of(tape)[:-1])


def _one_call_more_in_the_middle() -> Verdict:
    tape = recorded()
    steps = steps_of(tape)
    more = ask("check_stock", item="kettle")
    requests = [*(request for _, request in steps[:2]), more, *(request for _, request in steps[2:])]
    return play(tape, [(f"main#{number}", request) for number, request in enumerate(requests, start=1)])


def _one_call_more_at_the_end() -> Verdict:
    tape = recorded()
    return play(tape, [*steps_of(tape), ("main#6", with_body(tape.calls[4], order="8"))])


def _a_call_moves_to_another_task() -> Verdict:
    tape = recorded()
    steps = steps_of(tape)
    return play(tape, [*steps[:2], ("main/fetch-1#1", steps[2][1]), *steps[3:]])


def _other_output() -> Verdict:
    tape = recorded()
    return play(tape, steps_of(tape), outputs=Outputs(b"It ships on Friday.\nGoodbye\n", b"", 0, b"1"))


def _other_exit_code() -> Verdict:
    tape = recorded()
    return play(tape, steps_of(tape), outputs=Outputs(b"It ships on Friday.\nBye\n", b"", 1, b"1"))


def _broken_off_recording() -> Verdict:
    first, second, third, *_ = recorded().calls
    waiting = msgspec.structs.replace(third, answer=None)
    tape = tape_of(first, second, waiting, is_finished=False)
    return play(tape, steps_of(tape))


def _unchanged() -> Verdict:
    tape = recorded()
    return play(tape, steps_of(tape))


SCENARIOS: dict[str, Callable[[], Verdict]] = {
    name.removeprefix("_"): scenario
    for name, scenario in list(globals().items())
    if name.startswith("_") and getattr(scenario, "__annotations__", {}).get("return") is Verdict
}
"""By name. What is told of each stands in a file of that name."""
