"""The progress line."""

import io
import time

import pytest

from agentreplay.cli.progress import line, shown


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def _wait_for(stream: io.StringIO, text: str) -> None:
    give_up = time.monotonic() + 10
    while text not in stream.getvalue():
        assert time.monotonic() < give_up, stream.getvalue()
        time.sleep(0.01)


def test_a_bar_shows_the_share_that_is_done() -> None:
    assert line("vacuuming", 1, 2, 3.2, 80) == "vacuuming  " + "█" * 12 + "░" * 12 + "  50%  3 s"


def test_work_of_unknown_size_shows_its_time() -> None:
    assert line("examining", 0, 0, 12.6, 80) == "examining … 13 s"


@pytest.mark.parametrize(("done", "total"), [(3, 2), (-1, 2), (2, 2)])
def test_a_bar_keeps_within_its_bounds(done: int, total: int) -> None:
    assert len(line("x", done, total, 0, 200)) == len(line("x", 0, 2, 0, 200))


def test_a_line_fits_the_terminal() -> None:
    assert len(line("x" * 100, 1, 2, 0, 30)) == 30


def test_work_that_takes_its_time_is_shown_and_wiped_away() -> None:
    stream = Terminal()

    with shown("vacuuming", stream=stream, patience=0.01) as report:
        report(1, 4)
        _wait_for(stream, "25%")

    assert stream.getvalue().endswith("\r\x1b[K")


def test_work_that_cannot_report_is_measured() -> None:
    stream = Terminal()

    with shown("indexing", lambda: (3, 4), stream=stream, patience=0.01):
        _wait_for(stream, "75%")


def test_a_measure_that_fails_leaves_the_work_alone() -> None:
    stream = Terminal()

    def fail() -> tuple[int, int]:
        raise OSError

    with shown("indexing", fail, stream=stream, patience=0.01):
        _wait_for(stream, "indexing … 0 s")


def test_quick_work_shows_nothing() -> None:
    stream = Terminal()

    with shown("vacuuming", stream=stream) as report:
        report(1, 2)

    assert stream.getvalue() == ""


def test_a_failure_ends_the_line() -> None:
    stream = Terminal()

    def fail() -> None:
        with shown("vacuuming", stream=stream, patience=0.01):
            _wait_for(stream, "vacuuming")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_a_file_gets_no_progress() -> None:
    stream = io.StringIO()

    with shown("vacuuming", stream=stream, patience=0) as report:
        report(1, 2)
        time.sleep(0.05)

    assert stream.getvalue() == ""


def test_a_dumb_terminal_gets_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()

    with shown("vacuuming", stream=stream, patience=0):
        time.sleep(0.05)

    assert stream.getvalue() == ""
