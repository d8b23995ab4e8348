"""What is kept once for all goes with the last that used it, and no byte of it stays."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from agentreplay.model.content import Content, Kept
from agentreplay.model.query import SessionFilter, SpanFilter
from agentreplay.model.receipt import Target
from agentreplay.model.session import Program
from agentreplay.model.span import Span
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.testing import Maker, batch_of
from tests.store.observation import all_hits, all_sessions, all_spans, append, session_key

PARTS = "kind name agent model provider tool key value host service scope label source folder session media".split()
SECRETS = {part: f"zq{part}winterbottom" for part in PARTS}
"""Something of every part of a span or session that is kept as a word, or in a bag."""

OTHERS = {part: f"other {part}" for part in PARTS}


def told(make: Maker, texts: dict[str, str]) -> tuple[Span, Content]:
    """A span that has such a text wherever it may have one, and a content."""
    content = Content.of(texts["value"].encode(), f"text/{texts['media']}")
    span = make.span(
        session=make.new_session_id(),
        kind=texts["kind"],
        name=texts["name"],
        agent=texts["agent"],
        model=texts["model"],
        provider=texts["provider"],
        tool=texts["tool"],
        attributes={texts["key"]: texts["value"]},
        resource={texts["host"]: texts["service"]},
        scope={texts["scope"]: 1},
        kept=(Kept(role="answer", hash=content.hash),),
    )
    return span, content


def append_told(store: SqliteStore, make: Maker, texts: dict[str, str]) -> Span:
    span, content = told(make, texts)
    session = make.session(
        id=span.session, name=texts["session"], agent=texts["agent"], source=texts["source"],
        labels={texts["label"]: "x"}, program=Program(argv=(texts["value"],), cwd=f"/{texts['folder']}"),
    )  # fmt: skip
    append(store, batch_of(session, span, content))
    return span


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path)) as store:
        yield store


@pytest.mark.parametrize("what", ["session", "project"])
def test_no_name_of_what_was_deleted_stays_in_the_files(what: str, make: Maker, tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path)) as store:
        gone = append_told(store, make, SECRETS)
        assert not [part for part, text in SECRETS.items() if text.encode() not in bytes_of(tmp_path)]

        store.delete(
            Target(tenant=gone.tenant, project=gone.project, session=gone.session if what == "session" else None)
        )

        assert [part for part, text in SECRETS.items() if text.encode() in bytes_of(tmp_path)] == []
    assert [part for part, text in SECRETS.items() if text.encode() in bytes_of(tmp_path)] == []


def test_what_others_use_stays(make: Maker, store: SqliteStore) -> None:
    """Whatever one of them shares, that alone, it is as it was."""
    kept = [append_told(store, make, OTHERS | {part: SECRETS[part]}) for part in PARTS]
    gone = append_told(store, make, SECRETS)
    before = [everything(store, span) for span in kept]

    store.delete(Target(tenant=gone.tenant, project=gone.project, session=gone.session))

    assert [everything(store, span) for span in kept] == before


@pytest.mark.parametrize("part", ["agent", "provider", "media", "label", "source"])
def test_a_name_that_is_something_else_to_another_stays(part: str, make: Maker, store: SqliteStore) -> None:
    shared = f"text/{SECRETS['name']}"
    kept = append_told(store, make, OTHERS | {part: SECRETS["name"] if part == "media" else shared})
    gone = append_told(store, make, SECRETS | {"name": shared})
    before = everything(store, kept)

    store.delete(Target(tenant=gone.tenant, project=gone.project, session=gone.session))

    assert everything(store, kept) == before


def test_names_that_are_many_go_at_once(make: Maker, store: SqliteStore) -> None:
    session = make.new_session_id()
    append(store, batch_of(*[make.span(session=session, name=f"zq{number}winterbottom") for number in range(1_100)]))
    kept = append_told(store, make, OTHERS)

    store.delete(Target(tenant=make.tenant, project=make.project, session=session))

    assert b"winterbottom" not in bytes_of(store.folder)
    assert all_hits(store, OTHERS["name"], SpanFilter(tenant=kept.tenant)) == {kept.key}


def everything(store: SqliteStore, span: Span) -> tuple[object, ...]:
    """What a store has of a span, its session and its content, and by what it finds them."""
    where = SpanFilter(tenant=span.tenant, session=span.session, provider=span.provider, name=span.name)
    return (
        store.spans.get(span.key),
        store.sessions.get(session_key(span)),
        store.contents.get(span.tenant, span.kept[0].hash),
        all_spans(store, where),
        all_hits(store, span.name, where),
        span.session in all_sessions(store, SessionFilter(tenant=span.tenant, agent=span.agent)),
    )


@pytest.fixture
def walks() -> Iterator[list[str]]:
    """What is asked of all spans of a store that is opened behind this."""
    asked: list[str] = []

    def hear(_: apsw.Cursor, statement: str, __: object) -> bool:
        if "SELECT DISTINCT provider, resource" in statement:
            asked.append(statement)
        return True

    def listen(connection: apsw.Connection) -> None:
        connection.exec_trace = hear

    apsw.connection_hooks.append(listen)
    yield asked
    apsw.connection_hooks.remove(listen)


def test_all_spans_are_walked_through_once_for_all_that_goes(walks: list[str], make: Maker, tmp_path: Path) -> None:
    """No index knows who else uses a provider or a map of names."""
    secrets = [{part: f"{text}{number}" for part, text in SECRETS.items()} for number in range(3)]
    with closing(SqliteStore(tmp_path)) as store:
        gone = [append_told(store, make, texts) for texts in secrets]

        receipts = store.delete_all(
            [Target(tenant=one.tenant, project=one.project, session=one.session) for one in gone]
        )

        assert [receipt.spans for receipt in receipts] == [1, 1, 1]
        assert len(walks) == 1
        assert [part for part, text in SECRETS.items() if text.encode() in bytes_of(tmp_path)] == []


def test_what_only_those_shared_that_go_together_goes_with_them(make: Maker, store: SqliteStore) -> None:
    gone = [append_told(store, make, SECRETS) for _ in range(2)]

    store.delete_all([Target(tenant=one.tenant, project=one.project, session=one.session) for one in gone])

    assert [part for part, text in SECRETS.items() if text.encode() in bytes_of(store.folder)] == []
