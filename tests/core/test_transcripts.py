"""Every line is taken in once, whatever happens to the file or to whoever reads it."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from agentreplay.errors import StoreFull, TranscriptUnreadable
from agentreplay.model.batch import Batch
from agentreplay.model.span import Span
from agentreplay.store.memory import MemoryStore
from tests.transcripts import LONG_AFTER, Importing, corpus, kept_lines, put_corpus, raw_lines

CORPUS = corpus()
LINES = sorted(name for name in CORPUS if name.endswith(".jsonl"))


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[Importing]:
    made = Importing(tmp_path / "data")
    yield made
    made.close()


def hashes(lines: list[bytes]) -> set[str]:
    return {blake3(line).hexdigest() for line in lines}


def told(span: Span) -> bytes:
    return msgspec.msgpack.encode(msgspec.structs.replace(span, seq=0))


@pytest.mark.parametrize("name", CORPUS)
def test_no_line_of_the_corpus_is_lost(importing: Importing, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(CORPUS[name])

    (outcome,) = importing.read(path)

    assert hashes(raw_lines(name, CORPUS[name])) <= kept_lines(importing)
    assert outcome.spans > 0
    assert importing.store.statistics().conflicts == 0


def test_a_second_import_adds_nothing(importing: Importing, tmp_path: Path) -> None:
    put_corpus(tmp_path)
    importing.read(tmp_path)
    position = importing.store.position()

    outcomes = importing.read(tmp_path)

    assert [(one.lines, one.spans) for one in outcomes] == [(0, 0)] * len(CORPUS)
    assert importing.store.position() == position


def test_without_the_ledger_the_same_is_told_again(importing: Importing, tmp_path: Path) -> None:
    """Its loss costs time and nothing else."""
    put_corpus(tmp_path)
    importing.read(tmp_path)
    before = {span.key: told(span) for span in importing.spans()}

    again = Importing(tmp_path / "other", importing.store)
    again.read(tmp_path)
    again.close()

    assert {span.key: told(span) for span in importing.spans()} == before
    assert importing.store.statistics().conflicts == 0


@pytest.mark.parametrize("name", ["viewer-5c0375b4.jsonl", "log-edge_cases.jsonl"])
def test_a_file_that_grows_comes_to_the_same(importing: Importing, tmp_path: Path, name: str) -> None:
    """It is read after each stretch of bytes, cut within lines and within answers, by a new process each time."""
    data, path = CORPUS[name], tmp_path / name
    whole = Importing(tmp_path / "whole")
    (tmp_path / "at once").mkdir()
    (tmp_path / "at once" / name).write_bytes(data)
    whole.read(tmp_path / "at once")

    step = max(1, len(data) // 13)
    for end in [*range(step, len(data), step), len(data)]:
        path.write_bytes(data[:end])
        growing = Importing(tmp_path / "data", importing.store)
        growing.now = 0
        growing.read(path)
        growing.close()
    importing.read(path)

    assert {span.key: told(span) for span in importing.spans()} == {span.key: told(span) for span in whole.spans()}
    assert importing.store.statistics().conflicts == 0
    whole.close()


def test_every_span_comes_with_word_of_whose_it_is(tmp_path: Path) -> None:
    """Who looks while a file is read sees a session that has its agent."""
    heard = _Hearing()
    made = Importing(tmp_path / "data", writer=heard)
    put_corpus(tmp_path)

    made.read(tmp_path)
    made.close()

    assert len(heard.batches) > len(CORPUS)
    for batch in heard.batches:
        assert {span.session for span in batch.spans} <= {session.id for session in batch.sessions if session.agent}


def test_a_tool_that_never_answers_runs_until_nobody_writes_any_more(importing: Importing, tmp_path: Path) -> None:
    name = "harness-main_tool_cycle.jsonl"
    lines = CORPUS[name].splitlines(keepends=True)
    (asked,) = [number for number, line in enumerate(lines) if b'"tool_use"' in line and b'"assistant"' in line][:1]
    path = tmp_path / name
    path.write_bytes(b"".join(lines[: asked + 1]))
    said = datetime.fromisoformat(json.loads(lines[asked])["timestamp"])
    importing.now = int(said.timestamp()) * 10**9

    importing.read(path)
    (while_written,) = [row.status for row in importing.sessions()]
    importing.now = LONG_AFTER
    importing.read(path)

    assert (while_written, [row.status for row in importing.sessions()]) == ("running", ["interrupted"])


class _Hearing:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def append(self, batch: Batch) -> None:
        self.batches.append(batch)

    def close(self) -> None:
        """Nothing is open."""


class _Failing:
    """A writer whose disk is full after some batches."""

    def __init__(self, store: MemoryStore, batches: int) -> None:
        self._store = store
        self._left = batches

    def append(self, batch: Batch) -> None:
        if not self._left:
            raise StoreFull(path="disk")
        self._left -= 1
        self._store.append(batch)


@pytest.mark.parametrize("batches", [0, 1, 4, 9])
def test_an_interrupted_import_goes_on(tmp_path: Path, batches: int) -> None:
    files = tmp_path / "files"
    files.mkdir()
    put_corpus(files)
    whole, store = Importing(tmp_path / "whole"), MemoryStore()
    whole.read(files)

    broken = Importing(tmp_path / "data", store, _Failing(store, batches))
    with pytest.raises(StoreFull):
        broken.read(files)
    broken.close()
    importing = Importing(tmp_path / "data", store)
    importing.read(files)

    assert {span.key: told(span) for span in importing.spans()} == {span.key: told(span) for span in whole.spans()}
    importing.close()
    whole.close()


def test_a_file_that_was_written_anew_loses_nothing(importing: Importing, tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    lines = raw_lines("viewer-1af7fc5e.jsonl", CORPUS["viewer-1af7fc5e.jsonl"])
    path.write_bytes(b"\n".join(lines) + b"\n")
    importing.read(path)
    other = [lines[0], *[b'{"type":"new","sessionId":"1af7fc5e-8455-4414-9ccd-011d40f70b2a"}'], *lines[5:]]

    path.write_bytes(b"\n".join(other) + b"\n")
    (outcome,) = importing.read(path)

    assert outcome.is_rewritten
    assert hashes([*lines, *other]) <= kept_lines(importing)


def test_a_file_that_moved_is_the_same(importing: Importing, tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    path.write_bytes(CORPUS["viewer-1af7fc5e.jsonl"])
    importing.read(path)
    position = importing.store.position()

    (tmp_path / "archive").mkdir()
    moved = path.rename(tmp_path / "archive" / "session.jsonl")
    (outcome,) = importing.read(moved)

    assert (outcome.lines, outcome.is_rewritten) == (0, False)
    assert {span.kind for span in importing.spans()} == {"step", "llm", "tool"}
    assert importing.store.position() >= position


def test_a_deleted_file_is_noticed_and_kept(importing: Importing, tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    path.write_bytes(CORPUS["viewer-1af7fc5e.jsonl"])
    importing.read(path)
    spans = len(importing.spans())

    path.unlink()
    (gone,) = importing.importer.notice_gone()

    assert (gone.path, gone.gone) == (str(path), LONG_AFTER)
    assert len(importing.spans()) == spans
    assert importing.importer.notice_gone() == [gone]


def test_secrets_are_taken_out_of_lines_and_of_what_is_read_in_them(importing: Importing, tmp_path: Path) -> None:
    secret = "sk-ant-api03-" + "Ab1" * 31
    line = {"type": "user", "uuid": "u1", "sessionId": "s1", "message": {"role": "user", "content": f"use {secret}"}}
    path = tmp_path / "s1.jsonl"
    path.write_text(json.dumps(line) + "\n")

    importing.read(path)

    contents = [content.data for content in importing.store._state.contents.values()]
    assert contents
    assert not any(secret.encode() in data for data in contents)
    assert not any(secret in span.name for span in importing.spans())


def test_a_path_that_is_not_there_is_said_to_be(importing: Importing, tmp_path: Path) -> None:
    with pytest.raises(TranscriptUnreadable):
        importing.read(tmp_path / "nothing")


SALT = [
    b'{"type":"wholly-new","sessionId":"s","uuid":"n1","parentUuid":"n0","payload":{"deep":[1,2,3]}}',
    b'{"type":"assistant","message":"text"}',
    b'{"type":"assistant","message":{"content":[{"type":"tool_use"}],"usage":{"input_tokens":-5,"output_tokens":"x"}}}',
    b'{"type":"user","message":{"content":[{"type":"tool_result"},null,7]}}',
    b'{"type":"user","isSidechain":true,"message":{"content":"a"}}',
    b"[[[[",
    b"\xff\xfe broken",
    b"null",
    b'{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":[]}}}',
    b'{"type":"response_item","payload":{"type":"function_call_output","call_id":"c"}}',
]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_lines_are_taken_in_without_loss(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Transcripts that were cut, mixed, put in another order in parts, and salted."""
    names = data.draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=3))
    lines = [line for name in names for line in raw_lines(name, CORPUS[name])]
    begin = data.draw(st.integers(0, len(lines) - 1))
    lines = lines[begin : begin + data.draw(st.integers(1, 40))]
    for _ in range(data.draw(st.integers(0, 3))):
        first = data.draw(st.integers(0, len(lines)))
        last = data.draw(st.integers(first, len(lines)))
        lines[first:last] = data.draw(st.permutations(lines[first:last]))
    for salt in data.draw(st.lists(st.sampled_from(SALT), max_size=4)):
        lines.insert(data.draw(st.integers(0, len(lines))), salt)
    whole = b"\n".join(lines)
    whole = whole[: data.draw(st.integers(len(whole) // 2, len(whole)))]
    folder = tmp_path_factory.mktemp("salted")
    path = folder / "session.jsonl"
    importing = Importing(folder / "data")
    stop = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:stop])
    os.utime(path, (LONG_AFTER // 10**9, LONG_AFTER // 10**9))

    importing.read(path)
    path.write_bytes(whole)
    outcomes = importing.read(path)

    if outcomes:
        assert hashes(raw_lines("session.jsonl", whole)) <= kept_lines(importing)
    importing.close()


@pytest.mark.parametrize("is_missing", [False, True])
def test_what_another_process_reads_ahead_is_told_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_missing: bool
) -> None:
    monkeypatch.setattr("agentreplay.core.transcripts._WORTH_A_PROCESS", 0)
    if is_missing:
        monkeypatch.setattr("sys.executable", str(tmp_path / "nothing"))
    (tmp_path / "files").mkdir()
    put_corpus(tmp_path / "files")
    alone, ahead = Importing(tmp_path / "alone"), Importing(tmp_path / "ahead")

    alone.read(tmp_path / "files")
    found = ahead.found(tmp_path / "files")
    with ahead.importer.ahead(found):
        outcomes = [ahead.importer.read(one) for one in found]

    assert sum(outcome.lines for outcome in outcomes) > 100
    assert sorted(map(told, ahead.spans())) == sorted(map(told, alone.spans()))
    alone.close()
    ahead.close()
