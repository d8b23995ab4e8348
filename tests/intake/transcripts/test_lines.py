"""Lines are the same, whichever way a file is cut."""

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.transcripts.lines import Line, split_lines

PARTS = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r\n", b" ", b"\xff"]), max_size=30).map(b"".join)


@given(PARTS, st.integers(0, 40))
def test_lines_do_not_depend_on_how_they_come(data: bytes, cut: int) -> None:
    whole, end = split_lines(data, 100, is_whole=True)

    first, reached = split_lines(data[:cut], 100, is_whole=False)
    second, last = split_lines(data[reached - 100 :], reached, is_whole=True)

    assert [*first, *second] == whole
    assert last == end == 100 + len(data)


def test_a_line_that_is_still_written_is_left() -> None:
    assert split_lines(b"one\n\n two", 0, is_whole=False) == ([Line(0, b"one")], 5)
