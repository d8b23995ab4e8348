"""A recorded program comes out the same, and one that was changed is told where."""

import msgspec
import pytest

from agentreplay.core.launch import Ended
from agentreplay.core.replay import Manner, Played, read_reports
from agentreplay.errors import SessionMissing
from agentreplay.playback.tape import Outputs
from agentreplay.playback.verdict import Report
from tests.running import SHOP, Runs
from tests.taping import tape_of

pytestmark = pytest.mark.slow

THREADS = """
    import random, sys, time
    from concurrent.futures import ThreadPoolExecutor
    import agentreplay

    @agentreplay.tool
    def work(n):
        time.sleep(random.random() / 50)
        return n * n

    # What threads do between two calls is theirs: nothing takes turns there but the interpreter, when it must.
    sys.setswitchinterval(10)
    order = []
    def job(n):
        order.append(work(n))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(job, range(16)))
    print(order)
"""

CHILDREN = """
    import subprocess, sys
    import agentreplay
    if len(sys.argv) > 1:
        print(agentreplay.call("inner", lambda n: n + 1, int(sys.argv[1])))
    else:
        for n in range(2):
            agentreplay.call("outer", lambda n: n, n)
            print(subprocess.run([sys.executable, __file__, str(n)], capture_output=True, check=True).stdout)
"""

OBJECTS = """
    import agentreplay

    @agentreplay.tool
    def connect(name):
        agentreplay.call("handshake", lambda: "hello")
        return object()

    connect("a")
    print(agentreplay.call("query", lambda q: [q, 1], "all"))
"""

TALKING = """
    import logging
    import agentreplay

    logging.basicConfig(level="INFO", format="%(message)s")

    @agentreplay.tool
    def look(place):
        print("looking into", place)
        logging.info("it is %s", "dark")
        return len(place)

    print(look("cellar") + look("attic"))
"""


@pytest.mark.parametrize(
    "text",
    [SHOP, THREADS, CHILDREN, OBJECTS, TALKING],
    ids=["shop", "threads", "children", "objects", "talking"],
)
def test_an_unchanged_program_comes_out_identical(text: str, runs: Runs) -> None:
    done = runs.record(text, stdin=b"typed\n")

    for _ in range(2):
        verdict = runs.replay(done.key)
        assert (verdict.status, verdict.why, verdict.divergences) == ("identical", "", ())
        assert verdict.recorded_proof == verdict.replayed_proof


@pytest.mark.parametrize(
    ("before", "after", "kind", "label"),
    [
        ('lookup("7")', 'lookup("8")', "changed", "tool lookup"),
        ('"Friday"}', '"Monday"}', "changed", "tool lookup"),
        ('"late "', '"too late "', "changed", "tool refund"),
        ('print(refund("7", reason="late " + found["ships"]))', 'print("refunded 7")', "missing", "tool refund"),
        ("print(sys.stdin.read()", 'refund("1", ""); print(sys.stdin.read()', "new", "tool refund"),
        ('"it ships on"', '"it shipped on"', "output", "output on stdout"),
        ("print(sys.stdin.read()", "sys.exit(1); print(sys.stdin.read()", "output", "exit code"),
    ],
    ids=["argument", "tool", "prompt", "one fewer", "one more", "output", "exit code"],
)
def test_a_change_is_named(runs: Runs, before: str, after: str, kind: str, label: str) -> None:
    done = runs.record()
    changed = SHOP.replace(before, after)
    assert changed != SHOP

    verdict = runs.replay(done.key, changed)

    assert (verdict.status, verdict.exit_code) == ("diverged", 3)
    assert (verdict.divergences[0].kind, verdict.divergences[0].label) == (kind, label)
    assert verdict.recorded_proof != verdict.replayed_proof


def test_nothing_that_was_recorded_is_done_again(runs: Runs) -> None:
    """The tool of the recording writes a file; its replay does not."""
    text = "import agentreplay\nprint(agentreplay.call('w', lambda: open('written', 'a').write('x')))\n"
    done = runs.record(text)

    runs.replay(done.key)

    assert (runs.folder / "written").read_text() == "x"


def test_a_program_without_a_python_of_ours_is_not_replayable(runs: Runs) -> None:
    done = runs.record()

    verdict = runs.replay(done.key, manner=Manner(command=("true",)))

    assert (verdict.status, verdict.exit_code) == ("diverged", 3) or verdict.why
    assert verdict.status != "identical"


def test_a_session_that_is_not_there_is_told(runs: Runs) -> None:
    done = runs.record()

    with pytest.raises(SessionMissing):
        runs.replay(done.key._replace(session=done.key.session[::-1]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ended", "reports", "why"),
    [
        (Ended(missing="no module"), [], "the program's Python cannot import agentreplay: no module"),
        (Ended(), [], "the program never started a Python that could be served"),
        (Ended(processes=2), [Report()], "1 of its processes ended without a report"),
    ],
)
def test_what_was_not_seen_is_never_identical(ended: Ended, reports: list[Report], why: str) -> None:
    written = [*(msgspec.msgpack.encode(report) for report in reports), b"\x81"]  # the last was torn
    tape = tape_of(outputs=Outputs(stdout=b"", stderr=b"", exit_code=0))

    verdict = Played(tape, ended, tuple(read_reports(written))).verdict

    assert (verdict.status, verdict.why) == ("unreplayable", why)
