"""What was dropped is written down and can be added up."""

from pathlib import Path

from agentreplay.store.journal.spool import DROPPED, Dropped, dropped_in, note_drop


def test_drops_add_up(tmp_path: Path) -> None:
    note_drop(tmp_path, "a.journal", 10)
    note_drop(tmp_path, "b.journal", 5)

    assert dropped_in(tmp_path) == Dropped(journals=2, bytes=15)


def test_nothing_dropped_is_nothing(tmp_path: Path) -> None:
    assert dropped_in(tmp_path) == Dropped()


def test_a_line_that_was_cut_short_does_not_hide_the_others(tmp_path: Path) -> None:
    note_drop(tmp_path, "a.journal", 10)
    with (tmp_path / DROPPED).open("a") as file:
        file.write('{"journal": "b')

    assert dropped_in(tmp_path) == Dropped(journals=2, bytes=10)
