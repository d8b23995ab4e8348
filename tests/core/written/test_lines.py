"""Lines that were kept are found again, each once and in their order."""

import os
from pathlib import Path

from agentreplay.core.redact import Redactor
from agentreplay.core.written.lines import lines_of
from tests.core.written.desk import FULL
from tests.transcripts import Importing

SECRET = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 2
LINE = '{{"type":"user","uuid":"{0}","parentUuid":{1},"sessionId":"s","timestamp":"2026-01-01T00:00:0{0}Z",'
SAID = '"message":{"role":"user","content":"CONTENT"}}'


def test_they_come_in_order_and_without_secrets(tmp_path: Path) -> None:
    lines = [LINE.format(1, "null") + SAID.replace("CONTENT", f"use {SECRET}"), '{"type":"summary","summary":"x"}',
             LINE.format(2, '"1"') + SAID.replace("CONTENT", "go on")]  # fmt: skip
    path = tmp_path / "s.jsonl"
    path.write_text("\n".join(lines) + "\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    desk = Importing(tmp_path / "data")
    desk.read(path)
    (row,) = desk.sessions()

    found = [line.data.decode() for line in lines_of(desk.store, row.session.key, FULL)]
    clean = b"".join(line.data for line in lines_of(desk.store, row.session.key, Redactor()))
    desk.close()

    assert [line[:30] for line in found] == [line[:30] for line in lines]
    assert SECRET.encode() not in clean


def test_none_comes_before_the_one_it_follows_whatever_their_times_say(tmp_path: Path) -> None:
    """Claude Code writes some of its lines with the time of another."""
    said = SAID.replace("CONTENT", "go on")
    times = ((1, "null", 1), (2, '"1"', 5), (3, '"2"', 3), (4, '"3"', 4))
    lines = [
        LINE.format(name, before).replace(f"00:0{name}Z", f"00:0{second}Z") + said for name, before, second in times
    ]
    path = tmp_path / "s.jsonl"
    path.write_text("\n".join(lines) + "\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    desk = Importing(tmp_path / "data")
    desk.read(path)
    (row,) = desk.sessions()

    found = [line.told["uuid"] for line in lines_of(desk.store, row.session.key, FULL)]
    desk.close()

    assert found == ["1", "2", "3", "4"]
