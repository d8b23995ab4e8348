"""Many rows come in at once, wherever their numbers leave gaps, and while others work."""

import threading
from collections.abc import Sequence

import apsw
import pytest

from agentreplay.store.sqlite.many import insert, inserting

QUERY = "INSERT INTO kept (id, value) SELECT carray.rowid + ?, value FROM carray(?)"


@pytest.fixture
def connection() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, value BLOB NOT NULL)")
    return connection


def rows_of(connection: apsw.Connection) -> list[tuple[int, bytes]]:
    return list(connection.execute("SELECT id, value FROM kept"))


@pytest.mark.parametrize("numbers", [[], [7], [1, 2, 3], [1, 3, 4, 9], [-2, -1, 0, 1 << 62]])
def test_rows_are_inserted_under_their_numbers(connection: apsw.Connection, numbers: Sequence[int]) -> None:
    rows = [(number, b"the value %d\n\0\xff" % number) for number in numbers]

    insert(connection, QUERY, rows)

    assert rows_of(connection) == rows


@pytest.mark.parametrize("count", [0, 3, 5_000])
def test_all_of_them_are_there_when_the_context_ends(connection: apsw.Connection, count: int) -> None:
    rows = [(number, b"%d" % number) for number in range(1, count + 1)]
    threads = threading.enumerate()

    with inserting(connection, QUERY, rows):
        pass

    assert rows_of(connection) == rows
    assert set(threading.enumerate()) <= set(threads)


@pytest.mark.parametrize("count", [2, 5_000])
def test_what_goes_wrong_meanwhile_is_told(connection: apsw.Connection, count: int) -> None:
    connection.execute("INSERT INTO kept (id, value) VALUES (2, x'00')")
    rows = [(number, b"%d" % number) for number in range(1, count + 1)]

    with pytest.raises(apsw.ConstraintError), inserting(connection, QUERY, rows):
        pass

    assert rows_of(connection) == [(2, b"\0")]
