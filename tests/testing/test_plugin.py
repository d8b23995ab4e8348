"""Tests that are served a tape, run by pytest as users run it."""

import subprocess
import sys
from pathlib import Path

import pytest

from agentreplay.sdk.instrument import instrument, uninstrument
from tests.suite import PLUGIN, SIMPLE, Suite

pytestmark = pytest.mark.slow

pytest_plugins = ["pytester"]


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    """A suite; the seams are loaded before, because pytester forgets what a run loads."""
    instrument()
    uninstrument()
    return Suite(pytester)


def test_a_missing_tape_says_how_it_is_recorded_and_nothing_is_called(suite: Suite) -> None:
    suite.write(SIMPLE)

    result = suite.run()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "there is no tape tapes/simple.tape",
            "hint: `pytest --agentreplay=record 'test_it.py::test_simple'` records it",
        ]
    )
    assert suite.performed == []


def test_a_test_is_recorded_once_and_served_from_then_on(suite: Suite) -> None:
    suite.write(SIMPLE)

    suite.run("record").assert_outcomes(passed=1)
    suite.run("record").assert_outcomes(passed=1)
    suite.run().assert_outcomes(passed=1)

    assert suite.performed == ["1", "2"]
    tape = suite.tape("simple.tape")
    assert [call.request.operation for call in tape.calls] == ["roll", "roll"]
    assert (tape.session.source, tape.session.name, tape.session.program) == ("test", "test_it.py::test_simple", None)


def test_a_tape_is_refreshed_and_a_live_run_leaves_it_alone(suite: Suite) -> None:
    suite.write(SIMPLE)
    suite.run("record")
    before = suite.tape("simple.tape").session.id

    suite.run("live").assert_outcomes(passed=1)
    kept = suite.tape("simple.tape").session.id
    suite.run("refresh").assert_outcomes(passed=1)

    assert kept == before
    assert suite.tape("simple.tape").session.id != before
    assert suite.performed == ["1", "2"] * 3


def test_a_test_that_failed_leaves_no_tape(suite: Suite) -> None:
    suite.write("""
        @pytest.mark.agentreplay("tapes/a.tape")
        def test_failing():
            assert roll(1) == 2

        @pytest.mark.agentreplay("tapes/b.tape")
        def test_skipping():
            roll(1)
            pytest.skip("enough")

        class TestCase(__import__("unittest").TestCase):
            @pytest.mark.agentreplay("tapes/c.tape")
            def test_failing_too(self):
                self.assertEqual(roll(1), 2)
    """)

    suite.run("record").assert_outcomes(failed=2, skipped=1)

    assert suite.tapes == []


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (
            "assert roll(1) != roll(3)",
            ["*call * (tool roll) asks for something else*", "*expected  number  2", "*got *3"],
        ),
        ("assert roll(1)", ["*call * (tool roll) was recorded, and is not made any more"]),
        ("assert [roll(1), roll(2), roll(3)]", ["*a call (tool roll) is not on the tape; it comes after call *"]),
    ],
    ids=["changed", "missing", "new"],
)
def test_a_divergence_fails_the_test_and_is_told(suite: Suite, after: str, told: list[str]) -> None:
    suite.write(SIMPLE)
    suite.run("record")
    suite.write(SIMPLE.replace("assert roll(1) != roll(2)", after))

    result = suite.run()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["replay of tapes/simple.tape: diverged at *", *told, "hint: if that is right, `pytest --agentreplay=refresh *"]
    )
    # The text says it all: no way through our own source stands above it.
    result.stdout.no_fnmatch_line("*Traceback*")
    assert suite.performed == ["1", "2"]


def test_every_divergence_is_told_where_the_tape_is_served_all_the_same(suite: Suite) -> None:
    serving = SIMPLE.replace('.tape")', '.tape", on_divergence="serve")')
    suite.write(serving)
    suite.run("record")
    suite.write(serving.replace("roll(1) != roll(2)", "roll(4) != roll(5)"))

    result = suite.run()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*expected  number  1", "*got       number  4", "*call * (tool roll) asks for*"])


def test_a_test_that_fails_by_itself_tells_of_that_first(suite: Suite) -> None:
    serving = SIMPLE.replace('.tape")', '.tape", on_divergence="serve")')
    suite.write(serving)
    suite.run("record")
    suite.write(serving.replace("roll(1) != roll(2)", "roll(4) == 'nothing'"))

    result = suite.run()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert roll(4) == 'nothing'", "*Captured agentreplay call*", "replay of *diverged*"])


def test_drift_passes_with_a_warning_even_where_warnings_are_errors(suite: Suite) -> None:
    reading = """
    @pytest.mark.agentreplay("tapes/drift.tape")
    def test_drift():
        roll(1)
        [time.time() for _ in range(2)]
    """
    suite.write(reading)
    suite.run("record")
    suite.write(reading.replace("range(2)", "range(3)"))

    result = suite.run("", "-W", "always")
    strict = suite.run("", "-W", "error", "-rP")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*TapeDrift: replay of tapes/drift.tape: drift*", "*read more than was recorded*"])
    strict.assert_outcomes(passed=1)
    strict.stdout.fnmatch_lines(["*Captured agentreplay call*", "replay of tapes/drift.tape: drift*"])


def test_what_fixtures_of_the_test_do_is_on_its_tape_and_what_wider_ones_do_is_not(suite: Suite) -> None:
    suite.write("""
        @pytest.fixture(scope="module")
        def wide():
            return roll("wide")

        @pytest.fixture
        def narrow():
            yield roll("narrow")
            roll("after")

        @pytest.mark.agentreplay("tapes/fixtures.tape")
        def test_with_fixtures(wide, narrow, tmp_path):
            assert tmp_path.exists()
            roll("body")
    """)
    suite.run("record").assert_outcomes(passed=1)

    suite.run().assert_outcomes(passed=1)

    assert suite.performed == ["wide", "narrow", "body", "after", "wide", "after"]


def test_coroutines_threads_and_parameters_have_their_tapes(suite: Suite) -> None:
    """No plugin for coroutines is there."""
    suite.write("""
        @agentreplay.tool
        async def ask(number):
            return roll(number)

        @pytest.mark.agentreplay("tapes/{name}.tape")
        @pytest.mark.parametrize("order", ["a/b", "c d"])
        async def test_asking(order):
            first = await asyncio.gather(ask(order), ask(2), ask(3))
            assert len({*first, await ask(4)}) == 4

        @pytest.mark.agentreplay("tapes/threads.tape")
        def test_threads():
            with ThreadPoolExecutor(2) as pool:
                assert len(set(pool.map(roll, range(6)))) == 6
    """)
    suite.run("record").assert_outcomes(passed=3)
    performed = len(suite.performed)

    suite.run().assert_outcomes(passed=3)

    assert suite.tapes == ["test_asking_a_b.tape", "test_asking_c_d.tape", "threads.tape"]
    assert len(suite.performed) == performed == 14


def test_coroutines_that_anyio_runs_are_served_too(suite: Suite) -> None:
    pytest.importorskip("anyio")
    suite.write("""
        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        @pytest.mark.agentreplay("tapes/any.tape")
        async def test_anyhow():
            assert len({roll(1), *await asyncio.gather(asyncio.to_thread(roll, 2), asyncio.to_thread(roll, 3))}) == 3
    """)
    suite.run("record").assert_outcomes(passed=1)

    suite.run().assert_outcomes(passed=1)

    assert sorted(suite.performed) == ["1", "2", "3"]


def test_a_plugin_that_runs_coroutines_in_a_task_made_before_the_test_serves_them_too(suite: Suite) -> None:
    """Some plugins keep a task for all tests, which knows nothing of what began after it."""
    suite.pytester.makeconftest("""
        import asyncio, contextvars, inspect, pytest

        EMPTY = contextvars.copy_context()

        @pytest.hookimpl(tryfirst=True)
        def pytest_pyfunc_call(pyfuncitem):
            if inspect.iscoroutinefunction(pyfuncitem.obj):
                EMPTY.run(asyncio.run, pyfuncitem.obj())
                return True
    """)
    suite.write("""
        @pytest.mark.agentreplay("tapes/other.tape")
        async def test_elsewhere():
            assert roll(1) != roll(2)
    """)
    suite.run("record").assert_outcomes(passed=1)

    suite.run().assert_outcomes(passed=1)

    assert suite.performed == ["1", "2"]
    assert [str(call.address) for call in suite.tape("other.tape").calls] == ["main#1", "main#2"]


def test_tests_that_run_in_several_processes_have_their_tapes(suite: Suite) -> None:
    suite.write("""
        @pytest.mark.agentreplay("tapes/{name}.tape")
        @pytest.mark.parametrize("number", range(4))
        def test_it(number):
            roll(number)
    """)
    suite.run_apart("record", "-n2").assert_outcomes(passed=4)

    suite.run().assert_outcomes(passed=4)

    assert len(suite.tapes) == 4
    assert sorted(suite.performed) == ["0", "1", "2", "3"]


def test_two_tests_do_not_write_the_same_tape_but_may_read_it(suite: Suite) -> None:
    suite.write(SIMPLE)
    suite.run("record")
    suite.write(SIMPLE + SIMPLE.replace("test_simple", "test_same"))

    suite.run().assert_outcomes(passed=2)
    result = suite.run("refresh")

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["2 tests would write the tape *simple.tape", "hint: put {name} into the path*"])


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("()", "the marker takes one tape*"),
        ('("tapes/a.tape", otherwise=1)', "the marker takes one tape*"),
        ('("tapes/a.tape", on_divergence="ask")', "on_divergence is 'ask'"),
    ],
)
def test_a_marker_nobody_understands_is_told(suite: Suite, marker: str, told: str) -> None:
    suite.write(f"@pytest.mark.agentreplay{marker}\ndef test_it():\n    roll(1)\n")

    result = suite.run()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])
    assert suite.performed == []


def test_a_damaged_tape_is_told(suite: Suite) -> None:
    suite.write(SIMPLE)
    suite.run("record")
    path = suite.folder / "tapes" / "simple.tape"
    path.write_bytes(path.read_bytes()[:-9])

    result = suite.run()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["The tape * is damaged: *", "hint: `pytest --agentreplay=refresh *"])


def test_connections_are_refused_but_to_hosts_that_are_allowed(suite: Suite) -> None:
    connecting = """
    import socket

    @pytest.fixture
    def connect():
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield lambda: socket.create_connection(server.getsockname()).close()

    @pytest.mark.agentreplay("tapes/closed.tape")
    def test_closed(connect):
        with pytest.raises(OSError):
            connect()

    @pytest.mark.agentreplay("tapes/open.tape", allow="127.0.0.1")
    def test_open(connect):
        connect()
    """
    suite.write(connecting.replace("with pytest.raises(OSError)", "if True"))
    suite.run("record").assert_outcomes(passed=2)
    suite.write(connecting)

    result = suite.run()

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*closed.tape: unreplayable: the program connects to 127.0.0.1:*"])


def test_the_plugin_loads_nothing_of_ours_before_a_test_wants_a_tape(suite: Suite) -> None:
    """It is loaded for every test run of everybody who has installed the package."""
    script = (
        f"import sys, pytest; pytest.main(['-q', '-p', {PLUGIN!r}, {str(suite.folder)!r}])\n"
        "ours = sorted(name for name in sys.modules if name.startswith('agentreplay'))\n"
        "heavy = sorted({'apsw', 'blake3', 'msgspec', 'click'} & set(sys.modules))\n"
        "print(*ours, *heavy, file=sys.stderr)"
    )
    (suite.folder / "test_it.py").write_text("def test_plain():\n    pass\n")

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert "1 passed" in result.stdout
    assert result.stderr.split() == ["agentreplay", "agentreplay.testing", "agentreplay.testing.plugin"]


def test_the_entry_point_names_the_plugin() -> None:
    project = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")

    assert '[project.entry-points.pytest11]\nagentreplay = "agentreplay.testing.plugin"\n' in project
