"""What is ingested is there once, whole, and knows where it is from."""

from collections import Counter
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from time import sleep

import pytest

from agentreplay.core import memory
from agentreplay.core.memory_ingest import Ingesting, documents_in
from agentreplay.core.memory_writing import MemoryWriting
from agentreplay.core.redact import Redactor
from agentreplay.errors import SessionMissing
from agentreplay.model.content import Content, Kept
from agentreplay.model.ids import SessionId
from agentreplay.model.memory import MemoryFilter
from agentreplay.model.receipt import Target
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from agentreplay.store.registry import open_store
from agentreplay.testing import Maker, batch_of
from tests.store.remembering import NOTES, found, texts

TEXT = b"# Guide\nIntro.\n\n## Run\nGo now.\n"


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def ingesting(store: MemoryStore) -> Ingesting:
    return Ingesting(store, MemoryWriting(store), NOTES, metadata={"kind": "doc"}, author="me")


def test_a_document_comes_with_its_places(store: MemoryStore, ingesting: Ingesting) -> None:
    told = ingesting.document(TEXT, "docs/a.md")

    assert (told.chunks, told.changed, told.removed) == (2, 2, 0)
    sources = [held.record.source for held in memory.each(store.memories, NOTES)]
    assert {(one.place, one.heading, one.first_line, one.last_line) for one in sources} == {
        ("docs/a.md", "Guide", 1, 2),
        ("docs/a.md", "Guide > Run", 4, 5),
    }
    assert found(store, "run") == found(store, "now")


def test_taken_in_again_only_what_changed_is_written(store: MemoryStore, ingesting: Ingesting) -> None:
    ingesting.document(TEXT, "a.md")
    numbers = store.memories.numbers(NOTES)
    again = ingesting.document(TEXT, "a.md")
    moved = ingesting.document(b"\n\n" + TEXT.replace(b"Go now.", b"Go later."), "a.md")
    other = ingesting.document(TEXT, "a.md.md")

    assert (again.changed, again.removed) == (0, 0)
    assert (moved.changed, moved.removed) == (2, 1)
    assert other.changed == 2
    assert len(set(numbers) & set(store.memories.numbers(NOTES))) == 1


def test_the_same_words_twice_are_two_records(store: MemoryStore) -> None:
    told = Ingesting(store, MemoryWriting(store), NOTES, size=40).document(b"go on and on\n\n" * 6, "a.txt")

    assert told.chunks == len(texts(store)) == 2


def test_files_that_cannot_be_read_are_told_of(ingesting: Ingesting, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"text")
    (tmp_path / "b.txt").write_bytes(b"\0")

    told = list(ingesting.files([tmp_path / name for name in ("a.txt", "b.txt", "c.txt")]))

    assert [(one.chunks, bool(one.problem)) for one in told] == [(1, False), (0, True), (0, True)]


def test_folders_are_walked_as_git_would(tmp_path: Path) -> None:
    for name in ("a.md", ".hidden.md", "b.png", "out/c.md", "src/d.py", "src/e.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    (tmp_path / ".gitignore").write_text("out/\n")
    (tmp_path / "src/.gitignore").write_text("e.md\n")

    assert [path.name for path in documents_in([tmp_path, tmp_path / "b.png"])] == ["a.md", "d.py", "b.png"]


def test_a_session_comes_with_its_spans(store: MemoryStore, ingesting: Ingesting) -> None:
    make = Maker()
    request, answer = Content.of(b'{"city": "Bath"}', "application/json"), Content.of(b'"sunny"', "application/json")
    kept = (Kept(role="request", hash=request.hash), Kept(role="answer", hash=answer.hash))
    span = make.span(kind="tool", name="weather", tool="weather", kept=kept)
    store.append(batch_of(request, answer, span, tenant=NOTES.tenant))
    key = SessionKey(span.tenant, span.project, SessionId(str(span.session)))

    told = ingesting.session(key, Redactor())

    [held] = memory.each(store.memories, NOTES)
    assert told.chunks == 1
    assert (held.record.source.session, held.record.source.span_id) == (key.session, span.span_id)
    assert held.record.source.heading == "tool weather"
    assert found(store, "sunny bath") == [held.version.id]
    store.delete(Target(tenant=key.tenant, project=key.project, session=key.session))
    assert texts(store) == {}
    with pytest.raises(SessionMissing):
        ingesting.session(key._replace(session=SessionId("nobody")), Redactor())


DOCUMENTS = 40


def document(number: int) -> bytes:
    """Six sections, each with a word of its own."""
    return b"\n\n".join(b"## Part %d\nword%dx%d is here" % (part, number, part) for part in range(6))


def ingest_all(folder: Path, told: Connection) -> None:
    with closing(open_store(folder)) as store:
        desk = Ingesting(store, MemoryWriting(store), NOTES)
        for number in range(DOCUMENTS):
            told.send(number)
            desk.document(document(number), f"{number}.md")
        told.send(DOCUMENTS)


def killed_ingest(folder: Path, random: Random) -> int:
    """Let a process ingest, and kill it in the midst of a document; how many it had done before."""
    here, there = get_context("spawn").Pipe(duplex=False)
    process = get_context("spawn").Process(target=ingest_all, args=(folder, there))
    process.start()
    there.close()
    last = random.randrange(DOCUMENTS)
    try:
        while here.recv() < last:
            pass
        sleep(random.uniform(0, 0.004))
    finally:
        process.kill()
        process.join()
    return last


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_killed_ingest_loses_nothing_and_finds_nothing_twice(tmp_path: Path, seed: int) -> None:
    done = killed_ingest(tmp_path, Random(seed))

    with closing(open_store(tmp_path)) as store:
        parts = Counter(held.record.source.place for held in memory.each(store.memories, NOTES))
        assert set(parts.values()) <= {6}
        assert parts.keys() >= {f"{number}.md" for number in range(done)}
        desk = Ingesting(store, MemoryWriting(store), NOTES)
        changed = sum(desk.document(document(number), f"{number}.md").changed for number in range(DOCUMENTS))
        assert changed == 6 * (DOCUMENTS - len(parts))
        for number in range(DOCUMENTS):
            for part in range(6):
                hits = store.memories.search((NOTES,), f"word{number}x{part}", MemoryFilter(), 10)
                assert [hit.held.record.source.place for hit in hits] == [f"{number}.md"]
