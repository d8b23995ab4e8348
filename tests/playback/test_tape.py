"""Tapes of stored sessions: in order, with what forks share, and as far as they were written."""

import json

import pytest

from agentreplay.errors import OriginMissing, SessionMissing
from agentreplay.model.call import Answer, Chunk
from agentreplay.model.session import Origin, SessionKey
from agentreplay.model.time import Nanoseconds
from agentreplay.playback.tape import HASH_SEED, SLEEP, TERMINALS, UNRECORDED, Size, lineage, read_tape
from agentreplay.store.memory import MemoryStore
from agentreplay.store.protocol import Store
from agentreplay.testing import batch_of
from tests.taping import Taping, ask, call, outputs, tool


@pytest.fixture
def taping() -> Taping:
    return Taping(MemoryStore())


def steps(taping: Taping, key: SessionKey) -> list[tuple[int, str]]:
    return [(one.seq, str(one.address)) for one in read_tape(taping.store, key).calls]


def test_a_tape_tells_all_that_was_recorded(store: Store) -> None:
    """In every store."""
    taping = Taping(store)
    key = taping.keep(
        [tool(1, result=1, order="7"), call("main#2", ask("slow"), None)],
        roles=outputs(stdout="out", stderr="err", returned="1", sources=json.dumps({"a.py:f": "00"})),
        readings={"main": {"time.time a.py:f": [1, 2]}},
        attributes={HASH_SEED: "9", TERMINALS: {"stdout": [24, 80]}, UNRECORDED: "grpc"},
    )

    tape = read_tape(store, key)

    assert [(one.seq, one.label, one.answer is None) for one in tape.calls] == [
        (2, "tool lookup", False),
        (3, "tool slow", True),
    ]
    assert tape.is_finished
    assert (tape.outputs.stdout, tape.outputs.stderr, tape.outputs.exit_code) == (b"out", b"err", 0)
    assert (tape.outputs.returned, tape.stdin) == (b"1", b"")
    assert tape.readings == {("main", "time.time a.py:f"): [1, 2]}
    assert (tape.hash_seed, tape.terminals, tape.unrecorded) == ("9", {"stdout": Size(24, 80)}, ("grpc",))
    assert (tape.sources, tape.steps) == ({"a.py:f": "00"}, 3)
    assert tape.last_call is not None
    assert tape.last_call.seq == 2


def test_a_recording_that_broke_off_says_so(taping: Taping) -> None:
    running = taping.keep([tool(1)], status=None)
    killed = taping.keep([tool(1)], status="interrupted")

    assert not read_tape(taping.store, running).is_finished
    assert not read_tape(taping.store, killed).is_finished
    assert read_tape(taping.store, killed).outputs.exit_code is None


def test_what_is_made_inside_a_call_that_is_served_is_not_made_again(taping: Taping) -> None:
    served = tool(1, "outer")
    performed = call("main#2", ask("outer"), Answer(is_live=True, turn=9))
    inner = [tool(1, "inner", path=path) for path in ("main:1", "main:1/3:2", "main:2", "main:11")]
    key = taping.keep([served, performed, *inner])

    found = {str(one.address): one.inner for one in read_tape(taping.store, key).calls}

    assert found == {
        "main#1": False, "main#2": False, "main:1#1": True, "main:1/3:2#1": True, "main:2#1": False, "main:11#1": False,
    }  # fmt: skip


def test_a_fork_begins_with_what_it_shares(taping: Taping) -> None:
    past = taping.keep([tool(1), tool(2), tool(3)], readings={"main": {"t": [1, 2, 3]}})
    fork = taping.keep(
        [tool(2, "other"), tool(3, "other")],
        origin=Origin(session=past.session, seq=3),
        served={"steps": [2], "read": [["main", "t", 2]]},
        readings={"main": {"t": [9]}},
    )

    tape = read_tape(taping.store, fork)

    assert steps(taping, fork) == [(2, "main#1"), (5, "main#2"), (6, "main#3")]
    assert tape.readings == {("main", "t"): [1, 2, 9]}
    assert tape.steps == 6


def test_a_fork_of_a_fork_counts_its_steps_on(taping: Taping) -> None:
    past = taping.keep([tool(1), tool(2), tool(3)])
    fork = taping.keep(
        [tool(2, "b"), tool(3, "b")], origin=Origin(session=past.session, seq=3), served={"steps": [2], "read": []}
    )
    again = taping.keep(
        [tool(3, "c")], origin=Origin(session=fork.session, seq=6), served={"steps": [2, 5], "read": []}
    )

    tape = read_tape(taping.store, again)

    assert [(one.seq, one.request.operation) for one in tape.calls] == [(2, "lookup"), (5, "b"), (8, "c")]
    assert len({one.seq for one in tape.calls}) == 3
    assert [row.session.id for row in lineage(taping.store.sessions, again)] == [
        again.session,
        fork.session,
        past.session,
    ]


def test_a_hybrid_fork_shares_what_was_served_behind_it_too(taping: Taping) -> None:
    past = taping.keep([tool(1), tool(2), tool(3)])
    fork = taping.keep([tool(2, "b")], origin=Origin(session=past.session, seq=3), served={"steps": [2, 4], "read": []})

    assert steps(taping, fork) == [(2, "main#1"), (4, "main#3"), (6, "main#2")]


def test_what_a_fork_shares_is_in_the_turns_in_which_it_came_back_to_each_of_its_processes(taping: Taping) -> None:
    streamed = Answer(body=b"ab", turn=1, chunks=tuple(Chunk(1, Nanoseconds(0), now) for now in (2, 4)))
    past = taping.keep(
        [call("main#1", ask(), streamed), call("main!1#1", ask(), Answer(turn=2))],
        readings={"main": {SLEEP: [3]}, "main!1": {SLEEP: [3]}},
    )
    fork = taping.keep(
        [],
        origin=Origin(session=past.session, seq=5),
        served={"steps": [2, 3], "read": [["main", SLEEP, 1], ["main!1", SLEEP, 1]], "turns": [[2, 7], [3, 8], [4, 0]]},
    )

    tape = read_tape(taping.store, fork)

    assert [one.answer.turns for one in tape.calls if one.answer] == [[1, 7, 0], [2]]
    assert tape.readings == {("main", SLEEP): [8], ("main!1", SLEEP): [3]}


def test_a_fork_that_was_killed_shares_all_that_lies_before_it(taping: Taping) -> None:
    """It never told what it was served."""
    past = taping.keep([tool(1), tool(2), call("main/1#1", ask("slow"), None), tool(3)])
    fork = taping.keep([tool(3, "b")], origin=Origin(session=past.session, seq=5), status="interrupted")

    assert [address for _, address in steps(taping, fork)] == ["main#1", "main#2", "main#3"]


def test_a_fork_whose_past_is_gone_says_which(taping: Taping) -> None:
    fork = taping.keep([tool(1)], origin=Origin(session=taping.make.new_session_id(), seq=3))

    with pytest.raises(OriginMissing, match="with it the past they share"):
        read_tape(taping.store, fork)
    with pytest.raises(SessionMissing):
        read_tape(taping.store, fork._replace(session=taping.make.new_session_id()))


def test_sessions_that_were_forked_from_each_other_are_no_endless_past(taping: Taping) -> None:
    """Nothing we write is like that; a tape of a stranger may be."""
    first = taping.make.session(id="a", origin=Origin(session="b", seq=1))  # type: ignore[arg-type]
    second = taping.make.session(id="b", origin=Origin(session="a", seq=1))  # type: ignore[arg-type]
    taping.store.append(batch_of(first, second))

    with pytest.raises(OriginMissing):
        read_tape(taping.store, first.key)
