"""What processes say to whoever keeps files."""

import time
from pathlib import Path

from agentreplay.core.notices import NoticeBoard, give_notice


def test_the_latest_notice_is_read(tmp_path: Path) -> None:
    board = NoticeBoard(tmp_path / "notices")
    assert board.latest() is None

    for moment in (3, 7, 5):
        give_notice(board.path, moment)

    assert board.latest() == 7
    assert board.latest() is None
    board.close()


def test_nobody_waits_for_a_board_that_is_full_or_gone(tmp_path: Path) -> None:
    """A program that makes more calls than anybody looks at goes on at once."""
    board = NoticeBoard(tmp_path / "notices")
    before = time.monotonic()

    for moment in range(20_000):
        give_notice(board.path, moment)
    assert board.latest() is not None
    board.close()
    give_notice(board.path, 1)
    give_notice(str(tmp_path / "nowhere"), 1)

    assert time.monotonic() - before < 20
