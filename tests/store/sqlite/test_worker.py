"""What another process prepares is what this one would have prepared, and its death is no loss."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agentreplay.model.batch import Batch
from agentreplay.model.values import decode, encode
from agentreplay.store.journal.reader import journals_in, read_frames
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.sqlite import worker
from agentreplay.store.sqlite.chunks import Chunk, Goals, batch_of
from agentreplay.store.sqlite.completing import complete
from agentreplay.store.sqlite.prepared import Prepared
from agentreplay.store.sqlite.worker import Worker, main
from tests.evidence import Story

Popen = subprocess.Popen[bytes]


@pytest.fixture
def goals(tmp_path: Path) -> Goals:
    """Two journals, one of them not from its beginning."""
    for seed in (1, 2):
        writer = JournalWriter(tmp_path)
        for batch in Story(seed).batches(20):
            writer.append(batch)
        writer.close()
    first, second = journals_in(tmp_path)
    sizes = {path.name: path.stat().st_size for path in (first, second)}
    begun = next(iter(read_frames(second))).end
    return Goals(str(tmp_path), {first.name: (0, sizes[first.name]), second.name: (begun, sizes[second.name])})


@pytest.fixture
def elsewhere() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


def told_of(found: Iterator[Chunk]) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """All spans with their names in order of arrival, and how far each journal was read."""
    spans: list[tuple[str, str]] = []
    offsets: dict[str, int] = {}
    for chunk in found:
        prepared = chunk.prepared
        spans += [(prepared.traces[span.trace][1].hex(), prepared.words[span.name]) for span in prepared.spans]
        offsets |= chunk.offsets
    return spans, offsets


def expected(goals: Goals) -> tuple[list[tuple[str, str]], dict[str, int]]:
    spans: list[tuple[str, str]] = []
    for name, (offset, until) in goals.journals.items():
        path = Path(goals.folder) / "journals" / name
        batches: list[Batch] = [batch_of(frame) for frame in read_frames(path, offset, until)]
        told: dict[tuple[str, str], str] = {}
        for span in [span for batch in batches for span in batch.spans]:
            told.pop((span.trace_id, span.span_id), None)
            told[span.trace_id, span.span_id] = span.name
        spans += [(trace, name) for (trace, _), name in told.items()]
    return spans, {name: until for name, (_, until) in goals.journals.items()}


def same(found: tuple[list[tuple[str, str]], dict[str, int]], goals: Goals) -> bool:
    """Whether nothing is missing; a span that is closed in a later chunk than it is opened in comes twice."""
    spans, offsets = found
    expected_spans, expected_offsets = expected(goals)
    return set(spans) == set(expected_spans) and offsets == expected_offsets


def test_another_process_prepares_all_that_is_asked_for(goals: Goals, elsewhere: Worker) -> None:
    assert same(told_of(elsewhere.chunks(goals)), goals)


def test_it_is_quiet_and_needs_nothing_of_the_folder_it_is_started_in(
    goals: Goals,
    elsewhere: Worker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A program that is recorded may have a module `queue` of its own where it runs."""
    for name in ("queue", "struct", "threading", "msgspec"):
        (tmp_path / f"{name}.py").write_text("print('not yours'); raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    started = watch(monkeypatch)

    found = told_of(elsewhere.chunks(goals))

    assert same(found, goals)
    assert started[0].poll() is None
    elsewhere.close()
    assert started[0].poll() == -signal.SIGKILL
    assert capfd.readouterr() == ("", "")


def watch(monkeypatch: pytest.MonkeyPatch, command: list[str] | None = None) -> list[Popen]:
    """The processes that are started from now on, with another command if one is given."""
    started: list[Popen] = []

    def start(usual: list[str], **options: Any) -> Popen:
        process: Popen = subprocess.Popen(command or usual, **options)
        started.append(process)
        return started[-1]

    monkeypatch.setattr(
        worker, "subprocess", SimpleNamespace(Popen=start, PIPE=subprocess.PIPE, DEVNULL=subprocess.DEVNULL)
    )
    return started


DIES_AFTER_TWO = """
import os, signal, sys
from agentreplay.store.sqlite import chunks, worker

def two(goals, **_):
    chunks._SPANS = 40
    for number, chunk in enumerate(chunks.read_chunks(goals)):
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        yield chunk

worker.read_chunks = two
worker.main(open(0, "rb", closefd=False), sys.stdout.buffer)
"""


def test_what_a_process_that_is_killed_does_not_bring_is_made_here(
    goals: Goals, elsewhere: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = watch(monkeypatch, [sys.executable, "-c", DIES_AFTER_TWO])

    found = list(elsewhere.chunks(goals))

    assert started[0].returncode == -signal.SIGKILL
    assert len(found) == 3
    assert same(told_of(iter(found)), goals)


@pytest.mark.parametrize(
    "program",
    [
        "",
        "raise SystemExit(1)",
        "import sys; sys.stdin.buffer.read(9)",
        "import sys; sys.stdin.buffer.read(9); sys.stdout.write('half a length'[:5])",
        "import sys; sys.stdin.buffer.read(9); sys.stdout.write('\\x20' + 7 * '\\0' + 'less than 32 bytes')",
    ],
)
def test_a_process_that_fails_is_replaced_by_this_one(
    program: str, goals: Goals, elsewhere: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(monkeypatch, [sys.executable, "-c", program])

    assert same(told_of(elsewhere.chunks(goals)), goals)


def test_one_of_another_layout_brings_nothing(goals: Goals, elsewhere: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package was renewed while the indexer ran: what the two mean by a chunk differs."""
    started = watch(monkeypatch, [sys.executable, "-m", worker.__name__, "00000000"])

    found = told_of(elsewhere.chunks(goals))

    assert same(found, goals)
    assert started[0].returncode == 0


def test_where_no_process_can_be_started_this_one_does_it(
    goals: Goals, elsewhere: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(monkeypatch, ["/nowhere/python"])

    assert same(told_of(elsewhere.chunks(goals)), goals)


def test_whoever_stops_early_leaves_no_process_behind(
    goals: Goals, elsewhere: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = watch(monkeypatch)
    found = elsewhere.chunks(goals)

    next(found)
    found.close()

    assert started[0].poll() is not None


def test_it_stays_and_is_asked_again(goals: Goals, elsewhere: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    started = watch(monkeypatch)

    found = [told_of(elsewhere.chunks(goals)) for _ in range(2)]

    assert found[0] == found[1]
    assert same(found[0], goals)
    assert len(started) == 1
    assert elsewhere.is_running


def test_one_that_has_ended_is_started_anew(goals: Goals, elsewhere: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    started = watch(monkeypatch)
    list(elsewhere.chunks(goals))
    started[0].kill()
    started[0].wait()

    assert same(told_of(elsewhere.chunks(goals)), goals)
    assert len(started) == 2


def test_the_program_answers_with_chunks_behind_their_lengths(goals: Goals, monkeypatch: pytest.MonkeyPatch) -> None:
    out = BytesIO()
    monkeypatch.setattr(worker, "gc", SimpleNamespace(disable=lambda: None, collect=lambda: None, freeze=lambda: None))
    asked = encode(goals)

    main(BytesIO(len(asked).to_bytes(8, "little") + asked), out)

    out.seek(0)
    assert same(told_of(decoded(out.read)), goals)


def test_the_program_ends_when_nothing_is_asked_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input stays open as long as whoever started it lives."""
    monkeypatch.setattr(worker, "gc", SimpleNamespace(disable=lambda: None))
    monkeypatch.setattr(worker, "_IDLE", 0.01)
    reading, writing = os.pipe()

    with os.fdopen(reading, "rb") as asking, os.fdopen(writing, "wb") as opened:
        main(asking, BytesIO())
        opened.close()


def decoded(read: Callable[[int], bytes]) -> Iterator[Chunk]:
    while size := int.from_bytes(read(8), "little"):
        data = read(size)
        chunk: Chunk = decode(data, Chunk)
        yield chunk


@pytest.mark.parametrize("waiting", [0.0, 1.0])
def test_what_it_brings_is_complete_whoever_completed_it(
    waiting: float, goals: Goals, elsewhere: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"""
import sys
from agentreplay.store.sqlite import chunks, worker
chunks._SPANS = 40
worker._WAITING = {waiting}
worker.main(open(0, "rb", closefd=False), sys.stdout.buffer)
"""
    watch(monkeypatch, [sys.executable, "-c", program])
    completed: list[bool] = []

    def complete_here(prepared: Prepared) -> None:
        completed.append(not prepared.is_complete)
        complete(prepared)

    monkeypatch.setattr(worker, "complete", complete_here)
    found = list(elsewhere.chunks(goals))

    assert same(told_of(iter(found)), goals)
    assert all(chunk.prepared.is_complete for chunk in found)
    # It cannot know how long it takes to take the first one.
    assert set(completed[1:]) == {waiting > 0}
    assert completed[0]


def test_what_cannot_be_completed_is_made_here(
    goals: Goals, elsewhere: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For here one broken batch keeps no other out."""

    def broken(prepared: Prepared) -> None:
        raise OverflowError("too much")

    monkeypatch.setattr(worker, "complete", broken)

    assert same(told_of(elsewhere.chunks(goals)), goals)
