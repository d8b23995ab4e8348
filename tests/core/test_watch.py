"""Transcripts are followed as they are written, by a follower that may end and begin again."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread

import pytest

from agentreplay.core.transcripts import Outcome
from agentreplay.core.watch import Watch, file_events
from agentreplay.intake.transcripts.readers import READERS
from tests.transcripts import LONG_AFTER, Importing, corpus

CORPUS = corpus()
NAME = "harness-main_tool_cycle.jsonl"
Step = Callable[[], set[Path]]


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[Importing]:
    made = Importing(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / ".claude" / "projects" / "-work"
    folder.mkdir(parents=True)
    return folder


def follower(importing: Importing, projects: Path) -> Watch:
    home = projects.parent.parent.parent
    return Watch(importing.importer, READERS, home, {}, lambda: importing.now)


def follow(watch: Watch, *steps: Step) -> list[Outcome]:
    """Follow while these things happen, each of which says which files it changed."""
    stop, told = Event(), list[Outcome]()

    def changes(_folders: Sequence[Path], _stop: Event) -> Iterable[set[Path]]:
        for step in steps:
            yield step()
        stop.set()

    watch.run(stop, told.append, changes)
    return told


def test_what_is_there_is_taken_in_first(importing: Importing, projects: Path) -> None:
    (projects / NAME).write_bytes(CORPUS[NAME])

    (outcome,) = follower(importing, projects).sweep()

    assert outcome.lines == 6
    assert importing.session("session-main-1").status == "completed"


def test_a_session_is_seen_to_run_until_it_rests(importing: Importing, projects: Path) -> None:
    path, lines = projects / "live.jsonl", CORPUS[NAME].splitlines(keepends=True)
    importing.now = 0
    statuses: list[str] = []

    def write(count: int) -> Step:
        def written() -> set[Path]:
            with path.open("ab") as file:
                file.writelines(lines[count : count + 2])
            return {path}

        return written

    def look() -> set[Path]:
        statuses.append(importing.session("session-main-1").status)
        return set()

    def wait() -> set[Path]:
        importing.now = LONG_AFTER
        return set()

    told = follow(follower(importing, projects), write(0), look, write(2), write(4), look, wait, look)

    assert [outcome.lines for outcome in told if outcome.lines] == [2, 2, 2]
    assert statuses == ["running", "running", "completed"]
    assert importing.session("session-main-1").summary.usage.total == 422


def test_a_line_that_is_half_written_is_waited_for(importing: Importing, projects: Path) -> None:
    path, data = projects / "live.jsonl", CORPUS[NAME]
    importing.now = 0

    def write(end: int) -> Step:
        def written() -> set[Path]:
            path.write_bytes(data[:end])
            return {path}

        return written

    told = follow(follower(importing, projects), write(1_200), write(len(data)))

    assert [outcome.lines for outcome in told] == [2, 4]
    assert not any(outcome.unknown for outcome in told)


def test_another_follower_goes_on_where_the_last_one_was(importing: Importing, projects: Path, tmp_path: Path) -> None:
    path, lines = projects / "live.jsonl", CORPUS[NAME].splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]))
    importing.now = 0
    follower(importing, projects).sweep()
    path.write_bytes(b"".join(lines))

    again = Importing(tmp_path / "data", importing.store)
    (outcome,) = follower(again, projects).sweep()
    again.close()

    assert outcome.lines == 3
    assert importing.store.statistics().conflicts == 0


def test_a_file_that_is_no_transcript_is_passed_over(importing: Importing, projects: Path) -> None:
    path = projects / "notes.jsonl"
    path.write_text('{"a": 1}\n')

    assert follow(follower(importing, projects), lambda: {path}) == []


def test_no_agent_no_folders(importing: Importing, tmp_path: Path) -> None:
    watch = Watch(importing.importer, READERS, tmp_path / "nobody", {}, lambda: 0)

    assert watch.folders() == []
    assert watch.sweep() == []


@pytest.mark.slow
def test_the_system_tells_what_was_written(projects: Path) -> None:
    stop, seen, begun = Event(), set[Path](), Event()
    path = projects / "live.jsonl"

    def listen() -> None:
        begun.set()
        for changed in file_events([projects], stop):
            seen.update(changed)
            if path in seen:
                stop.set()

    thread = Thread(target=listen, daemon=True)
    thread.start()
    begun.wait(5)
    for _ in range(100):
        if stop.wait(0.1):
            break
        with path.open("ab") as file:
            file.write(b"{}\n")
            os.fsync(file.fileno())
    thread.join(10)

    assert path in seen
    assert not thread.is_alive()
