"""What agents delete is told before and after they do."""

from pathlib import Path

import pytest

from agentreplay.core.cleanup import kept_for, losses
from agentreplay.model.ids import SessionId
from agentreplay.model.time import DAY, Nanoseconds
from agentreplay.store.sqlite.transcripts import Known

NOW = Nanoseconds(1_000 * DAY)


def known(session: str, days_ago: int, *, gone: bool = False, reader: str = "claude-code", thread: str = "") -> Known:
    return Known(
        path=f"/x/{session}{thread}.jsonl",
        reader=reader,
        session=SessionId(session),
        thread=thread,
        changed=NOW - days_ago * DAY,
        gone=NOW if gone else None,
    )


def test_sessions_that_go_within_a_week_and_those_that_are_gone_are_told(tmp_path: Path) -> None:
    files = [
        known("young", 3),
        known("old", 24),
        known("gone", 31, gone=True),
        known("young", 40, thread="agent", gone=True),
        known("other", 400, reader="codex"),
    ]

    claude, codex = losses(files, tmp_path, {}, NOW)

    assert (claude.kept, claude.soon, claude.gone, claude.days) == (3, ("old",), ("gone",), 30)
    assert (codex.kept, codex.soon, codex.gone, codex.days) == (1, (), (), None)


@pytest.mark.parametrize(
    ("settings", "days"), [("{}", 30), ('{"cleanupPeriodDays": 90}', 90), ("no json", 30), (None, 30)]
)
def test_the_agent_says_how_long_it_keeps_them(tmp_path: Path, settings: str | None, days: int) -> None:
    folder = tmp_path / ".claude"
    folder.mkdir()
    if settings is not None:
        (folder / "settings.json").write_text(settings)

    assert kept_for("claude-code", tmp_path, {}) == days
    assert kept_for("codex", tmp_path, {}) is None
