"""What journals hold is cut into pieces that together are all of it, each to be read by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentreplay.store.journal.frame import BATCH, pack
from agentreplay.store.journal.packing import HEADER_SIZE, JOURNAL_FOLDER
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.journal.writer import BATCH_VERSION, JournalWriter
from agentreplay.store.sqlite import pieces as module
from agentreplay.store.sqlite.chunks import Goals
from agentreplay.store.sqlite.pieces import pieces_of
from agentreplay.testing import Maker
from agentreplay.testing import batch_of as batch_with


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LEAST", 1_000)
    monkeypatch.setattr(module, "_MOST", 8_000)


def goals_of(folder: Path) -> Goals:
    return Goals(str(folder), {path.name: (0, path.stat().st_size) for path in journals_in(folder)})


def written(folder: Path, make: Maker, *counts: int) -> Goals:
    """As many journals, each with so many batches."""
    writers = [JournalWriter(folder) for _ in counts]
    for writer, count in zip(writers, counts, strict=True):
        for _ in range(count):
            writer.append(batch_with(make.span()))
    for writer in writers:
        writer.close()
    return goals_of(folder)


def ends_of(goals: Goals, name: str) -> Iterator[int]:
    return (frame.end for frame in read_frames(Path(goals.folder) / JOURNAL_FOLDER / name))


@pytest.mark.parametrize("counts", [(200,), (1,), (120, 30, 3), (20,) * 11])
def test_pieces_are_all_there_is_and_end_where_frames_do(counts: tuple[int, ...], make: Maker, tmp_path: Path) -> None:
    goals = written(tmp_path, make, *counts)

    pieces = list(pieces_of(goals))

    for name, (_, until) in goals.journals.items():
        ways = [piece.journals[name] for piece in pieces if name in piece.journals]
        assert [begin for begin, _ in ways] == [HEADER_SIZE, *[end for _, end in ways[:-1]]]
        assert ways[-1][1] == until
        assert {end for _, end in ways} <= set(ends_of(goals, name))
    assert [piece.goes_on for piece in pieces] == [False, *[True] * (len(pieces) - 1)]


def test_they_are_small_at_first_and_at_last(make: Maker, tmp_path: Path) -> None:
    goals = written(tmp_path, make, 400)

    sizes = [piece.bytes for piece in pieces_of(goals)]

    frame = goals.bytes // 400
    assert len(sizes) > 8
    assert max(sizes) <= 8_000 + frame
    assert all(1_000 <= size <= 1_000 + 2 * frame for size in (sizes[0], sizes[-2]))
    assert sizes.index(max(sizes)) not in (0, len(sizes) - 1)


def test_of_each_journal_as_much_as_of_the_others(make: Maker, tmp_path: Path) -> None:
    """What several wrote at one time is prepared at one time."""
    goals = written(tmp_path, make, 200, 100)
    (_, long), (_, short) = goals.journals.values()

    *pieces, _ = pieces_of(goals)

    for piece in pieces:
        (_, one), (_, other) = piece.journals.values()
        assert abs(one / long - other / short) < 0.05


def test_a_goal_may_begin_anywhere(make: Maker, tmp_path: Path) -> None:
    goals = written(tmp_path, make, 50)
    ((name, (_, until)),) = goals.journals.items()
    begun = list(ends_of(goals, name))[20]

    pieces = list(pieces_of(Goals(goals.folder, {name: (begun, until)})))

    assert pieces[0].journals[name][0] == begun
    assert pieces[-1].journals[name][1] == until


@pytest.mark.parametrize(
    "behind", [pack(BATCH, BATCH_VERSION + 1, b"from the future"), b"\0" * 100, pack(BATCH, BATCH_VERSION, b"cut")[:-1]]
)
def test_they_end_before_what_cannot_be_read(behind: bytes, make: Maker, tmp_path: Path) -> None:
    goals = written(tmp_path, make, 30)
    ((name, (_, sound)),) = goals.journals.items()
    with (tmp_path / JOURNAL_FOLDER / name).open("ab") as file:
        file.write(behind)

    pieces = list(pieces_of(goals_of(tmp_path)))

    assert pieces[-1].journals[name][1] == sound


def test_nothing_to_read_makes_no_piece(make: Maker, tmp_path: Path) -> None:
    goals = written(tmp_path, make, 3)
    ((name, (_, size)),) = goals.journals.items()

    assert list(pieces_of(Goals(goals.folder, {name: (size, size)}))) == []
    assert list(pieces_of(Goals(goals.folder, {}))) == []
