"""Forks share their past, go their own way, and take nothing but their new calls."""

import json
from pathlib import Path

import pytest

from agentreplay.core.compare import align
from agentreplay.core.fork import Change, Forked, check_patches, fork, step_of
from agentreplay.core.launch import Streams
from agentreplay.errors import StepMissing, ValueInvalid
from agentreplay.model.call import Answer
from agentreplay.model.session import SessionKey
from agentreplay.playback.patch import parse
from agentreplay.playback.tape import Tool
from tests.running import SHOP, Runs
from tests.taping import ask, call, tape_of, tool

pytestmark = pytest.mark.slow

LONG = """
    import agentreplay

    told = ""
    for n in range(60):
        told = agentreplay.call("think", lambda n, told: (str(n) * 1024)[:1024], n, told)
"""


def branch(runs: Runs, key: SessionKey, at: str, *patches: str, **change: str) -> Forked:
    with runs.calm(), runs.store() as store:
        return fork(store, key, Change(at=at, patches=patches, **change), runs.settings, Streams())  # type: ignore[arg-type]


def step(runs: Runs, key: SessionKey, operation: str) -> str:
    return str(next(one.seq for one in runs.tape(key).calls if one.request.operation == operation))


def test_a_changed_result_is_put_in_and_the_rest_follows_from_it(runs: Runs) -> None:
    key = runs.record().key

    done = branch(runs, key, step(runs, key, "lookup"), 'result={"order":"7","ships":"Monday"}')

    tape = runs.tape(done.key)
    assert tape.outputs.stdout == b"it ships on Monday\nrefunded 7\n"
    assert tape.session.origin is not None
    assert tape.session.origin.session == key.session
    assert [one.label for one in tape.calls] == ["tool lookup", "tool refund"]
    assert [pair.kind for pair in align(runs.tape(key), tape)] == ["changed", "changed"]


@pytest.mark.parametrize(
    "patch", ["result.ships=Monday", "answer.body.ships=Monday", 'request.body.order="9"', "error=KeyError: gone"]
)
def test_a_fork_can_be_replayed_and_forked_itself(patch: str, runs: Runs) -> None:
    key = runs.record().key

    done = branch(runs, key, step(runs, key, "lookup"), patch)
    again = branch(runs, done.key, "last")

    assert runs.replay(done.key).status == "identical"
    assert runs.replay(again.key).status == "identical"
    assert runs.replay(key).status == "identical"


def test_a_fork_finds_the_environment_of_its_past_and_so_does_its_replay(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_BASE_URL", "http://shop")
    key = runs.record("import os, agentreplay; agentreplay.call('ask', len, os.environ['SHOP_BASE_URL'])").key
    monkeypatch.delenv("SHOP_BASE_URL")

    done = branch(runs, key, step(runs, key, "ask"), "result=1")

    assert done.exit_code == 0
    assert runs.replay(done.key).status == "identical"


def test_an_error_can_be_put_in_place_of_an_answer(runs: Runs) -> None:
    key = runs.record().key

    done = branch(runs, key, step(runs, key, "lookup"), "error=TimeoutError: too slow")

    assert done.ended.code == 1
    assert b"TimeoutError: too slow" in done.ended.stderr
    raised = runs.tape(done.key).calls[0].answer
    assert raised is not None
    assert raised.raised is not None


def test_what_lies_before_the_step_is_served_and_not_done_again(runs: Runs) -> None:
    text = """
        import agentreplay
        for n in range(3):
            print(agentreplay.call("w", lambda n: open("written", "a").write(str(n)), n))
    """
    key = runs.record(text).key

    branch(runs, key, str(runs.tape(key).calls[1].seq))

    assert (runs.folder / "written").read_text() == "01212"


def test_a_hybrid_fork_performs_only_what_changed(runs: Runs) -> None:
    text = """
        import agentreplay
        a = agentreplay.call("a", lambda: open("written", "a").write("a"))
        b = agentreplay.call("b", lambda a: open("written", "a").write("b"), a)
        c = agentreplay.call("c", lambda: open("written", "a").write("c"))
    """
    key = runs.record(text).key

    done = branch(runs, key, step(runs, key, "a"), "result=2", tail="hybrid")

    assert (runs.folder / "written").read_text() == "abcb"
    assert [one.request.operation for one in runs.tape(done.key).calls] == ["c", "a", "b"]
    assert runs.replay(done.key).status == "identical"


def test_a_stream_that_is_read_on_behind_the_fork_comes_back_behind_it(runs: Runs) -> None:
    text = """
        import agentreplay

        def words(text):
            yield from text.split()

        spoken = agentreplay.call("speak", words, "look it up")
        for word in spoken:
            print(word, agentreplay.call("look", str.upper, word))
    """
    key = runs.record(text).key

    done = branch(runs, key, str(runs.tape(key).calls[2].seq))

    assert runs.tape(done.key).outputs.stdout == b"look LOOK\nit IT\nup UP\n"
    verdict = runs.replay(done.key)
    assert (verdict.status, verdict.notes) == ("identical", ())


def test_what_a_fork_takes_no_more_of_is_not_waited_for(runs: Runs) -> None:
    text = """
        import agentreplay

        def words():
            yield from "abcdef"

        spoken = agentreplay.call("speak", words)
        for word in spoken:
            if agentreplay.call("look", str.isupper, word):
                break
        spoken.close()
        agentreplay.call("end", list)
    """
    key = runs.record(text).key

    done = branch(runs, key, str(runs.tape(key).calls[2].seq), "result=true")

    assert len(runs.tape(done.key).calls) == 4
    verdict = runs.replay(done.key)
    assert (verdict.status, verdict.notes) == ("identical", ())


@pytest.mark.parametrize(("at", "order"), [("first", "second third first"), ("second", "first second third")])
def test_threads_may_reach_a_fork_in_another_order(at: str, order: str, runs: Runs) -> None:
    """One goes on behind it before the other comes to it, or to what lies before it."""
    text = """
        import os, random, threading, time
        import agentreplay

        is_first, is_second = threading.Event(), threading.Event()
        if os.path.exists("swapped"):
            is_second.set()
        else:
            is_first.set()

        def first():
            is_first.wait()
            agentreplay.call("first", round, random.random(), 3)
            is_second.set()

        def second():
            is_second.wait()
            agentreplay.call("second", list)
            time.sleep(0.001)
            agentreplay.call("third", list)
            is_first.set()

        threads = [threading.Thread(target=target) for target in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    """
    key = runs.record(text).key
    (runs.folder / "swapped").touch()

    done = branch(runs, key, step(runs, key, at))

    assert done.parted == ()
    assert [one.request.operation for one in runs.tape(done.key).calls] == order.split()
    verdict = runs.replay(done.key)
    assert (verdict.status, verdict.notes) == ("identical", ())


def test_a_past_that_changed_is_told_and_nothing_is_done(runs: Runs) -> None:
    key = runs.record().key
    at = step(runs, key, "refund")
    runs.write(SHOP.replace('lookup("7")', 'lookup("8")'))

    done = branch(runs, key, at)

    assert done.exit_code == 3
    assert [found.kind for found in done.parted] == ["changed"]


def test_patches_longer_than_an_environment_takes(runs: Runs) -> None:
    key = runs.record().key

    done = branch(runs, key, step(runs, key, "lookup"), "result=" + json.dumps({"ships": "x" * 300_000}))

    assert done.ended.code == 0
    assert b"x" * 300_000 in done.ended.stdout


@pytest.mark.parametrize(
    ("at", "patches", "problem"),
    [
        ("2", ("result.nowhere.b=1",), "there is no 'nowhere'"),
        ("2", ("request.body.order=8", "result=1"), "it changes both what is asked and what is answered"),
        ("2", ("prompt=hi",), "lookup has no message of a user"),
        ("2", ("nonsense=hi",), "a path begins with"),
        ("last", ("result=1",), "behind the last call there is none yet"),
    ],
)
def test_a_patch_that_does_not_fit_is_told_before_anything_runs(
    at: str, patches: tuple[str, ...], problem: str, runs: Runs
) -> None:
    key = runs.record().key
    at = step(runs, key, "lookup") if at == "2" else at

    with pytest.raises(ValueInvalid, match=problem):
        branch(runs, key, at, *patches)

    with runs.store() as store:
        assert store.statistics().sessions == 1


def test_a_step_is_that_of_a_call_or_the_one_behind_the_last_answer() -> None:
    tape = tape_of(tool(1), tool(2), call("main#3", ask(), None, seq=9))

    assert [step_of(tape, at) for at in ("2", "3", "9", "last")] == [2, 3, 9, 4]
    assert step_of(tape_of(), "last") == 1
    for wrong in ("4", "0", "-1", "two", "", "²"):
        with pytest.raises(StepMissing) as missing:
            step_of(tape, wrong)
        assert missing.value.facts["steps"] == "2, 3, 9"
    inner = call("main:1#1", ask(), Answer(), seq=5, inner=True)
    with pytest.raises(StepMissing):
        step_of(tape_of(tool(1), inner), "5")


@pytest.mark.parametrize(
    ("patches", "problem"),
    [
        (("arguments.city=Oslo", "result=1"), "change one or the other"),
        (("result.a=1",), "no path behind"),
        (("model=a",), "there are arguments, result and error"),
        (("error=not an error",), "an error is told as its type"),
        (("arguments.city.street=1",), "there is no 'street'"),
    ],
)
def test_what_does_not_fit_a_tool_is_told(patches: tuple[str, ...], problem: str) -> None:
    for given in ({"city": "Paris"}, '{"city": "Paris"}'):
        tape = tape_of(tools={5: Tool("main#1", given)})

        assert step_of(tape, "5", tools=True) == 5
        with pytest.raises(StepMissing):
            step_of(tape, "5")
        with pytest.raises(ValueInvalid, match=problem):
            check_patches(tape, 5, [parse(text) for text in patches])


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_fork_takes_little_beside_its_new_calls(runs: Runs) -> None:
    """A session of 60 calls with 1 KB each, forked at several steps."""
    key = runs.record(LONG).key
    tape = runs.tape(key)
    whole, new_call = _kept(runs), _of_one_call(runs, key)

    for number in (1, 15, 30, 45, 59):
        before = _kept(runs)
        done = branch(runs, key, str(tape.calls[number].seq))
        grown = _kept(runs) - before
        new_calls = 60 - number
        assert done.ended.code == 0
        assert len(runs.tape(done.key).calls) == 60
        # Calls that are performed again and come out the same have their contents already.
        assert grown - new_calls * new_call < 0.02 * whole, (number, grown, new_call, whole)


def _kept(runs: Runs) -> int:
    """The bytes of what is kept: of contents, and of spans as they are encoded."""
    from agentreplay.model.query import SessionFilter
    from agentreplay.model.values import encode
    from agentreplay.playback.tape import whole_spans

    with runs.store() as store:
        rows = store.sessions.find(SessionFilter(tenant=runs.tenant)).items
        spans = [span for row in rows for span in whole_spans(store, row.session.key)]
        hashes = {kept.hash for span in spans for kept in span.kept}
        found = (store.contents.get(runs.tenant, name) for name in hashes)
        return sum(len(one.data) for one in found if one) + sum(len(encode(span)) for span in spans)


def _of_one_call(runs: Runs, key: SessionKey) -> int:
    """The bytes of a span of a call."""
    from agentreplay.model.values import encode
    from agentreplay.playback.folding import is_call
    from agentreplay.playback.tape import whole_spans

    with runs.store() as store:
        return max(len(encode(span)) for span in whole_spans(store, key) if is_call(span))
