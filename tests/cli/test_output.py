"""Tables, colour, and text that came from elsewhere."""

import io
from contextlib import redirect_stdout

import pytest

from agentreplay.cli import output
from agentreplay.cli.output import Cell, Column, clean, has_colour, paint, table

RED = {"fg": "red"}


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _usual_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_terminal_gets_colour() -> None:
    assert has_colour(Terminal())
    assert paint("bad", RED, Terminal()) == "\x1b[31mbad\x1b[0m"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colour_can_be_declined(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    assert paint("bad", RED, Terminal()) == "bad"


def test_an_empty_no_color_declines_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")

    assert has_colour(Terminal())


def test_a_file_gets_no_colour() -> None:
    assert paint("bad", RED, io.StringIO()) == "bad"


def test_a_closed_stream_is_no_terminal() -> None:
    stream = io.TextIOWrapper(io.BytesIO())
    stream.close()

    assert not output.is_terminal(stream)


def test_a_recording_cannot_command_the_terminal() -> None:
    assert (
        clean("a\x1b[2Jb\r\nc\x9bd\u202ee")
        == "a\N{REPLACEMENT CHARACTER}[2Jb  c\N{REPLACEMENT CHARACTER}d\N{REPLACEMENT CHARACTER}e"
    )
    assert clean("naïve 東京 🙂") == "naïve 東京 🙂"


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    lines = list(table([Column("NAME"), Column("SPANS", right=True)], [["a", "1"], ["longer", "1,000"]]))

    assert lines == ["NAME    SPANS", "a           1", "longer  1,000"]


def test_a_table_fits_the_terminal_by_cutting_what_is_elastic() -> None:
    columns = [Column("ID"), Column("NAME", elastic=True), Column("STATUS", elastic=True)]
    rows = [["0123456789", "a name that is much too long", "completed"]]

    lines = list(table(columns, rows, width=40))

    assert lines[1] == "0123456789  a name that is m…  completed"
    assert all(len(line) <= 40 for line in lines)


def test_what_must_not_be_cut_stays_whole_however_narrow_the_terminal_is() -> None:
    lines = list(table([Column("ID"), Column("NAME", elastic=True)], [["0123456789", "abcdefghijkl"]], width=5))

    assert lines[1] == "0123456789  abcdefg…"


def test_a_program_gets_the_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")

    lines = list(table([Column("NAME", elastic=True)], [["x" * 300]]))

    assert lines[1] == "x" * 300


def test_wide_letters_take_two_places() -> None:
    lines = list(table([Column("CITY", elastic=True), Column("NO")], [["東京都新宿区", "1"], ["Oslo", "2"]]))

    assert lines == ["CITY          NO", "東京都新宿区  1", "Oslo          2"]


def test_painted_cells_stand_in_line() -> None:
    with redirect_stdout(Terminal()):
        lines = list(table([Column("A"), Column("B")], [[Cell("x", RED), "1"], ["yy", "2"]], width=80))

    assert lines[1] == "\x1b[31mx\x1b[0m   1"
    assert lines[2] == "yy  2"


@pytest.mark.parametrize(("columns", "width"), [("132", 132), ("0", None), ("wide", None), ("", None)])
def test_the_environment_may_say_how_wide_the_terminal_is(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int | None
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    found = output.terminal_width()

    assert found == width if width is not None else found > 0


class AsciiTerminal(io.TextIOWrapper):
    """A stream of a machine that was never told about languages."""

    def __init__(self) -> None:
        self.octets = io.BytesIO()
        super().__init__(self.octets, encoding="ascii", write_through=True)


def test_a_terminal_that_knows_only_ascii_breaks_nothing() -> None:
    stream = AsciiTerminal()

    with redirect_stdout(stream):
        output.data("naïve …")

    assert stream.octets.getvalue() == b"na?ve ?\n"


def test_json_loses_nothing_whatever_stdout_can_encode() -> None:
    stream = AsciiTerminal()

    with redirect_stdout(stream):
        output.items(["naïve", "\ud800"], "more")

    assert stream.octets.getvalue() == b'{"items": ["na\\u00efve", "\\ud800"], "next": "more"}\n'
