"""Contents that lie in blocks are found, fill their pages, and leave nothing behind when they go."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.contents.compression import RAW, compress
from agentreplay.errors import ValueInvalid
from agentreplay.model.content import OCTETS, Content, Kept
from agentreplay.model.ids import SessionId
from agentreplay.model.receipt import Target
from agentreplay.store.sqlite.blocks import Blocks, Given, cut
from agentreplay.store.sqlite.connection import connect, create
from agentreplay.store.sqlite.store import SqliteStore
from agentreplay.store.sqlite.transactions import database_of
from agentreplay.testing import Maker, batch_of

PAGE = 8192
TENANT, OTHER = 1, 2
ADD = "INSERT INTO content (id, tenant, prefix, hash, size, block, start) VALUES (?, ?, 0, x'', ?, ?, ?)"
READ = "SELECT codec, data, start, size FROM content JOIN block ON block.id = content.block WHERE content.id = ?"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    create(tmp_path)
    with closing(connect(tmp_path)) as opened:
        yield opened


def put(connection: apsw.Connection, *contents: Given, thorough: bool = False) -> None:
    places = Blocks(connection).add(contents, thorough=thorough)
    for number, tenant, data in contents:
        connection.execute(ADD, (number, tenant, len(data), *places[number]))


def read(connection: apsw.Connection, number: int) -> bytes:
    [place] = connection.execute(READ, (number,))
    return cut(*place)


def block_of(connection: apsw.Connection, number: int) -> int:
    return int(connection.execute("SELECT block FROM content WHERE id = ?", (number,)).get)


def blocks(connection: apsw.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM block").get)


def talk(count: int, seed: int = 0) -> list[Given]:
    """Contents that are alike, of many lengths."""
    random = Random(seed)
    words = [random.randbytes(4).hex() for _ in range(2_000)]
    return [
        Given(number, TENANT, " ".join(random.choices(words, k=random.randrange(1, 200))).encode())
        for number in range(1, count + 1)
    ]


@given(
    sizes=st.lists(st.sampled_from([0, 1, 40, 700, 5_000, 9_000, 70_000, 200_000]), max_size=30),
    at_a_time=st.integers(1, 30),
    mixed=st.booleans(),
    thorough=st.booleans(),
)
def test_what_is_put_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory,
    sizes: list[int],
    at_a_time: int,
    mixed: bool,  # noqa: FBT001 - drawn
    thorough: bool,  # noqa: FBT001 - drawn
) -> None:
    folder = tmp_path_factory.mktemp("store")
    random = Random(len(sizes))
    contents = [
        Given(number, random.choice((TENANT, OTHER)), random.randbytes(size) if mixed else bytes(size))
        for number, size in enumerate(sizes, 1)
    ]
    create(folder)
    with closing(connect(folder)) as connection:
        for first in range(0, len(contents), at_a_time):
            put(connection, *contents[first : first + at_a_time], thorough=thorough)

        assert [read(connection, content.number) for content in contents] == [content.data for content in contents]


@pytest.mark.parametrize("at_a_time", [2, 500])
def test_blocks_fill_their_pages(connection: apsw.Connection, at_a_time: int) -> None:
    contents = talk(500)

    for first in range(0, len(contents), at_a_time):
        put(connection, *contents[first : first + at_a_time])

    packed, taken = connection.execute(
        "SELECT (SELECT sum(length(data)) FROM block), (SELECT sum(pgsize) FROM dbstat WHERE name = 'block')"
    ).fetchone() or (0, 0)
    assert packed > 0.85 * taken
    assert packed < 0.9 * sum(len(compress(content.data)[1]) for content in contents)


def test_whoever_reads_a_content_decompresses_only_few_others(connection: apsw.Connection) -> None:
    put(connection, *[Given(number, TENANT, b"the same again. " * 100) for number in range(1, 500)])

    sizes = [row[0] for row in connection.execute("SELECT sum(size) FROM content GROUP BY block")]

    assert max(sizes) <= 65_536


def test_a_long_content_has_a_block_of_its_own(connection: apsw.Connection) -> None:
    put(connection, Given(1, TENANT, b"before"), Given(2, TENANT, bytes(1_000_000)), Given(3, TENANT, b"after"))
    put(connection, Given(4, TENANT, bytes(1_000_000)))
    put(connection, Given(5, TENANT, b"last"))

    assert len({block_of(connection, number) for number in range(1, 6)}) == 5


def test_tenants_do_not_share_blocks(connection: apsw.Connection) -> None:
    """How well it compresses would tell one what the other has."""
    put(connection, Given(1, TENANT, b"one"), Given(2, OTHER, b"two"), Given(3, TENANT, b"three"))
    put(connection, Given(4, TENANT, b"four"))

    ours = {block_of(connection, number) for number in (1, 3, 4)}
    assert block_of(connection, 2) not in ours


def test_a_content_is_taken_out_of_its_block(connection: apsw.Connection) -> None:
    put(connection, *[Given(number, TENANT, f"content {number}".encode()) for number in range(1, 5)])

    Blocks(connection).remove(block_of(connection, 1), {1, 3})

    [(codec, data)] = connection.execute("SELECT codec, data FROM block")
    assert (codec, data) == (RAW, b"content 2content 4")
    assert [read(connection, number) for number in (2, 4)] == [b"content 2", b"content 4"]


def test_a_block_goes_with_the_last_of_its_contents(connection: apsw.Connection) -> None:
    put(connection, Given(1, TENANT, b"one"), Given(2, TENANT, b"two"))

    Blocks(connection).remove(block_of(connection, 1), {1, 2})

    assert not blocks(connection)


def test_a_block_that_is_too_short_is_noticed() -> None:
    with pytest.raises(ValueInvalid, match="it ends before"):
        cut(RAW, b"short", 2, 4)


@pytest.mark.parametrize("seed", range(3))
def test_no_byte_of_a_deleted_content_stays_in_the_files(seed: int, tmp_path: Path) -> None:
    """The contents do not compress, so that they would be seen."""
    make, random = Maker(seed), Random(f"contents {seed}")
    sessions = [make.new_session_id() for _ in range(10)]
    held: dict[SessionId, list[Content]] = {session: [] for session in sessions}
    living = list(sessions)
    with closing(SqliteStore(tmp_path)) as store:
        for step in range(40):
            for _ in range(random.randrange(1, 5)):
                session = random.choice(living)
                content = Content.of(random.randbytes(int(random.lognormvariate(6, 1.2)) + 64), OCTETS)
                held[session].append(content)
                kept = (Kept(role="answer", hash=content.hash),)
                store.append(batch_of(make.span(session=session, kept=kept), content))
            store.drain()
            if step % 8 == 7:
                gone = living.pop(random.randrange(len(living)))
                store.delete(Target(tenant=make.tenant, project=make.project, session=gone))
        for session in living:
            for content in held[session]:
                assert store.contents.get(make.tenant, content.hash) == content

    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert database_of(tmp_path).exists()
    for session in set(sessions) - set(living):
        for content in held[session]:
            pieces = [content.data[start : start + 16] for start in range(0, len(content.data) - 15, 16)]
            assert not [piece for piece in pieces if piece in files]
