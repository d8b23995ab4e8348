"""Files are read in pieces, of which none takes more memory than a line may."""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentreplay.core import transcript_files
from agentreplay.core.transcript_files import Piece, pieces
from agentreplay.intake.transcripts.lines import Line, split_lines
from agentreplay.model.content import Content
from agentreplay.model.ids import ContentHash
from tests.transcripts import Importing, corpus, kept_lines, raw_lines

LONGEST, STEP = 1_000, 300


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript_files, "LONGEST_LINE", LONGEST)
    monkeypatch.setattr(transcript_files, "_PIECE", STEP)


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[Importing]:
    made = Importing(tmp_path / "data")
    yield made
    made.close()


def lines_of(told: Iterable[Piece]) -> list[Line]:
    return [line for one in told for line in split_lines(one.data, one.offset, is_whole=one.kind != "lines")[0]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(0, 3 * LONGEST), max_size=8), is_ended=st.booleans(), data=st.data())
def test_pieces_are_the_file_wherever_one_begins(
    tmp_path: Path, *, lengths: list[int], is_ended: bool, data: st.DataObject
) -> None:
    whole = b"\n".join(b"x" * length for length in lengths) + (b"\n" if is_ended else b"")
    path = tmp_path / "session.jsonl"
    path.write_bytes(whole)

    told = list(pieces(path, 0))

    assert b"".join(piece.data for piece in told) == whole
    assert all(len(piece.data) <= LONGEST + STEP for piece in told)
    assert [piece.kind for piece in told[:-1]].count("rest") == 0
    places = [piece.offset for piece in told]
    assert places == [sum(len(piece.data) for piece in told[:number]) for number in range(len(told))]
    if told:
        again = data.draw(st.integers(0, len(told) - 1))
        assert lines_of(pieces(path, places[again])) == lines_of(told[again:]), "whoever goes on there finds the same"


def test_a_line_without_an_end_is_kept_in_parts_and_counted(importing: Importing, tmp_path: Path) -> None:
    """A compressed file of a few bytes may hold one that fits in no memory."""
    name = "viewer-5c0375b4.jsonl"
    lines = [line for line in raw_lines(name, corpus()[name]) if len(line) < LONGEST]
    endless = b'{"type":"user","message":"' + bytes(range(97, 123)) * 400
    path = tmp_path / "session.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join([*lines, endless, *lines[:1]])))

    (outcome,) = importing.read(path)

    parts = [endless[begin : begin + LONGEST] for begin in range(0, len(endless), LONGEST)]
    assert {Content.of(line).hash for line in [*lines, *parts]} <= {ContentHash(one) for one in kept_lines(importing)}
    assert outcome.unknown["part of a line that is too long"] == len(endless) // LONGEST
    assert importing.read(path)[0].lines == 0
