"""Journals are read in chunks, and one broken batch keeps no other out."""

import gc
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from agentreplay.errors import FrameUnknown
from agentreplay.model.batch import Batch
from agentreplay.model.values import decode, encode
from agentreplay.store.journal.frame import BATCH, Frame, pack
from agentreplay.store.journal.packing import JOURNAL_FOLDER
from agentreplay.store.journal.reader import journals_in
from agentreplay.store.journal.writer import BATCH_VERSION, JournalWriter
from agentreplay.store.sqlite import chunks as module
from agentreplay.store.sqlite import prepare
from agentreplay.store.sqlite.chunks import Chunk, Goals, batch_of, read_chunks
from agentreplay.store.sqlite.completing import complete
from agentreplay.store.sqlite.prepare import Preparation
from agentreplay.store.sqlite.prepared import Prepared
from agentreplay.store.sqlite.told import Told
from agentreplay.testing import Maker
from agentreplay.testing import batch_of as batch_with


def written(folder: Path, batches: Sequence[Batch]) -> Goals:
    """A journal with these batches, and the goal of reading all of it."""
    writer = JournalWriter(folder)
    for batch in batches:
        writer.append(batch)
    writer.close()
    (path,) = journals_in(folder)
    return Goals(str(folder), {path.name: (0, path.stat().st_size)})


def span_count(chunk: Chunk) -> int:
    return len(chunk.prepared.spans)


def test_a_chunk_ends_when_it_has_enough_spans_or_bytes(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goals = written(tmp_path, [batch_with(make.span(), make.span()) for _ in range(7)])

    with monkeypatch.context() as patch:
        patch.setattr(module, "_SPANS", 4)
        by_spans = list(read_chunks(goals))
    with monkeypatch.context() as patch:
        patch.setattr(module, "_BYTES", 1)
        by_bytes = list(read_chunks(goals))

    assert [span_count(chunk) for chunk in by_spans] == [4, 4, 4, 2]
    assert [span_count(chunk) for chunk in by_bytes] == [2] * 7
    assert [span_count(chunk) for chunk in read_chunks(goals)] == [14]


def test_chunks_for_one_who_waits_grow_and_shrink_again(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SPANS", 64)
    goals = written(tmp_path, [batch_with(make.span()) for _ in range(200)])

    sizes = [span_count(chunk) for chunk in read_chunks(goals, gently=True)]

    assert sizes[:5] == [4, 8, 16, 32, 64]
    assert sizes[5:] == sorted(sizes[5:], reverse=True)
    assert sizes[-1] <= 4
    assert sum(sizes) == 200


def test_what_began_at_the_same_time_in_several_journals_comes_together(make: Maker, tmp_path: Path) -> None:
    writers = [JournalWriter(tmp_path) for _ in range(20)]
    told = [make.span() for _ in range(60)]
    for number, span in enumerate(told):
        writers[number % len(writers)].append(batch_with(span))
    for writer in writers:
        writer.close()
    goals = Goals(str(tmp_path), {path.name: (0, path.stat().st_size) for path in journals_in(tmp_path)})

    (chunk,) = read_chunks(goals)

    starts = [span.start for span in chunk.prepared.spans]
    assert sorted(starts) == [span.start for span in told]
    assert sum(one > next_one for one, next_one in pairwise(starts)) == 2, "three groups of journals, each in order"
    assert chunk.offsets == {name: size for name, (_, size) in goals.journals.items()}


def test_each_chunk_says_how_far_it_goes(make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SPANS", 2)
    goals = written(tmp_path, [batch_with(make.span()) for _ in range(5)])
    ((name, (_, size)),) = goals.journals.items()

    ends = [chunk.offsets[name] for chunk in read_chunks(goals)]

    assert ends == sorted(set(ends))
    assert ends[-1] == size
    rest = list(read_chunks(Goals(goals.folder, {name: (ends[0], size)})))
    assert [chunk.offsets[name] for chunk in rest] == ends[1:]


def test_nothing_to_read_makes_no_chunk(make: Maker, tmp_path: Path) -> None:
    goals = written(tmp_path, [batch_with(make.span())])
    ((name, (_, size)),) = goals.journals.items()

    assert list(read_chunks(Goals(goals.folder, {name: (size, size)}))) == []
    assert list(read_chunks(Goals(goals.folder, {}))) == []


def test_a_batch_that_cannot_be_prepared_is_told_and_keeps_no_other_out(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with it: otherwise it would be met again by every reader, for ever."""

    class Fussy(Preparation):
        def add(self, batch: Told | Batch) -> None:
            if any(span.name == "broken" for span in batch.spans):
                raise OverflowError("too much")
            super().add(batch)

    monkeypatch.setattr(prepare, "Preparation", Fussy)
    monkeypatch.setattr(module, "Preparation", Fussy)
    names = ["first", "broken", "second"]
    goals = written(tmp_path, [batch_with(make.span(name=name)) for name in names])

    (chunk,) = read_chunks(goals)

    assert [chunk.prepared.words[span.name] for span in chunk.prepared.spans] == ["first", "second"]
    ((name, end, size, problem),) = chunk.unreadable
    assert name in goals.journals
    assert 0 < size < end < chunk.offsets[name]
    assert problem == "OverflowError: too much"


def test_a_payload_that_is_no_batch_is_told_and_keeps_no_other_out(make: Maker, tmp_path: Path) -> None:
    goals = written(tmp_path, [batch_with(make.span())])
    goals = append_frames(goals, pack(BATCH, BATCH_VERSION, b"no batch"), pack(BATCH, BATCH_VERSION, encode({})))

    (chunk,) = read_chunks(goals)

    assert span_count(chunk) == 1
    assert [size for _, _, size, _ in chunk.unreadable] == [len(b"no batch")]


@pytest.mark.parametrize(("kind", "version"), [(BATCH, BATCH_VERSION + 1), (BATCH + 100, BATCH_VERSION)])
def test_a_frame_of_a_newer_version_is_kept_for_it_with_all_that_follows(
    kind: int, version: int, make: Maker, tmp_path: Path
) -> None:
    known = written(tmp_path, [batch_with(make.span())])
    frame = pack(BATCH, BATCH_VERSION, encode(batch_with(make.span())))
    goals = append_frames(known, pack(kind, version, b"from the future"), frame)

    (chunk,) = read_chunks(goals)

    assert span_count(chunk) == 1
    assert chunk.offsets == {name: size for name, (_, size) in known.journals.items()}
    assert chunk.unreadable == []
    with pytest.raises(FrameUnknown, match=f"kind {kind} and version {version}"):
        batch_of(Frame(kind, version, b"from the future", 0))


def append_frames(goals: Goals, *frames: bytes) -> Goals:
    ((name, _),) = goals.journals.items()
    path = Path(goals.folder) / JOURNAL_FOLDER / name
    with path.open("ab") as file:
        file.write(b"".join(frames))
    return Goals(goals.folder, {name: (0, path.stat().st_size)})


def test_what_one_chunk_brought_the_next_does_not_bring_again(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SPANS", 1)
    content, other = make.content("said again and again"), make.content("said later")
    goals = written(
        tmp_path,
        [batch_with(make.span(session=f"s{number}"), content) for number in range(3)]
        + [batch_with(make.span(), other)],
    )

    found = [[row.size for row in chunk.prepared.contents] for chunk in read_chunks(goals)]

    assert found == [[len(content.data)], [], [], [len(other.data)]]


def test_what_was_long_ago_is_brought_again(make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SPANS", 1)
    monkeypatch.setattr(module, "_REMEMBERED", 1)
    first, *others = [make.content(f"content {number}") for number in range(4)]
    batches = [batch_with(make.span(session=f"s{number}"), one) for number, one in enumerate([first, *others, first])]

    brought = [len(chunk.prepared.contents) for chunk in read_chunks(written(tmp_path, batches))]

    assert brought == [1] * 5


def test_a_chunk_leaves_nothing_behind_that_only_a_search_for_circles_would_find(make: Maker, tmp_path: Path) -> None:
    """Who makes many does not search meanwhile, for it takes half the time; what is left would grow without bound."""
    goals = written(
        tmp_path, [batch_with(make.session(), make.span(status_message="broken"), make.span()) for _ in range(20)]
    )
    gc.collect()
    gc.disable()
    try:
        assert sum(span_count(chunk) for chunk in read_chunks(goals)) == 40
        left = gc.collect()
    finally:
        gc.enable()

    assert left < 20


def test_whoever_has_patience_reads_what_comes_meanwhile_wherever_it_stands(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SPANS", 1)
    monkeypatch.setattr(module, "_WORTH_GOING_ON", 1)
    writers = [JournalWriter(tmp_path)]
    writers[0].append(batch_with(make.span(name="first")))
    names: list[str] = []

    for chunk in read_chunks(Goals(str(tmp_path), sizes(tmp_path), patience=60)):
        names += [chunk.prepared.words[span.name] for span in chunk.prepared.spans]
        if names[-1] == "first":
            writers[0].append(batch_with(make.span(name="second")))
            writers.append(JournalWriter(tmp_path))
            writers[1].append(batch_with(make.span(name="elsewhere")))
        elif len(names) == 3:
            writers[1].append(batch_with(make.span(name="last")))
    for writer in writers:
        writer.close()

    assert names == ["first", "second", "elsewhere", "last"]


def test_patience_is_not_for_what_is_little_nor_for_what_was_there_before(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SPANS", 1)
    writer = JournalWriter(tmp_path)
    writer.append(batch_with(make.span()))
    ((name, (_, size)),) = sizes(tmp_path).items()
    writer.append(batch_with(make.span()))
    goals = Goals(str(tmp_path), {name: (size, size + 1)}, patience=60)
    found = []

    for chunk in read_chunks(goals):
        found.append(chunk)
        writer.append(batch_with(make.span()))
    writer.close()

    assert len(found) == 1


def test_patience_ends_at_a_frame_that_only_a_newer_version_understands(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WORTH_GOING_ON", 1)
    known = written(tmp_path, [batch_with(make.span())])
    goals = append_frames(known, pack(BATCH, BATCH_VERSION + 1, b"from the future"))
    goals.patience = 1_000

    (chunk,) = read_chunks(goals)

    assert span_count(chunk) == 1


def sizes(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (0, path.stat().st_size) for path in journals_in(folder)}


def test_what_is_made_gently_is_completed_by_whoever_takes_it(goals_with_everything: Goals) -> None:
    whole = list(read_chunks(goals_with_everything))

    rough = list(read_chunks(goals_with_everything, gently=True))
    for chunk in rough:
        assert not chunk.prepared.is_complete
        assert chunk.prepared.rollups == []
        chunk.prepared = decode(encode(chunk.prepared), Prepared)
        complete(chunk.prepared)

    assert rough == whole


@pytest.fixture
def goals_with_everything(make: Maker, tmp_path: Path) -> Goals:
    batches = [batch_with(make.span(kind="llm", cost=7), make.content(f"what was said {place}")) for place in range(9)]
    return written(tmp_path, batches)
