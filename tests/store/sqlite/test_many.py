"""Many texts come in at once, wherever their numbers leave gaps, and while others work."""

from collections.abc import Sequence

import apsw
import pytest

from agentreplay.store.sqlite.many import inserting

ONE = "INSERT INTO kept (id, value) VALUES (?, ?)"
MANY = "INSERT INTO kept (id, value) SELECT carray.rowid + ?, CAST(value AS TEXT) FROM carray(?) WHERE length(value)"
EVEN = range(-4_000, 4_000, 2)
SPARSE = [-7, *range(100_000, 102_000), 1 << 62]


@pytest.fixture
def connection() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, value TEXT NOT NULL)")
    return connection


def rows_of(connection: apsw.Connection) -> list[tuple[int, str]]:
    return list(connection.execute("SELECT id, value FROM kept"))


@pytest.mark.parametrize("numbers", [[], [7], [1, 2, 9], range(5_000), EVEN, SPARSE], ids=repr)
def test_all_are_there_under_their_numbers_when_the_context_ends(
    connection: apsw.Connection, numbers: Sequence[int]
) -> None:
    rows = [(number, f"the text {number}\n\0 ends") for number in numbers]

    with inserting(connection, ONE, MANY, rows):
        pass

    assert rows_of(connection) == rows


def test_gaps_do_not_cost_a_statement_each(connection: apsw.Connection) -> None:
    """Whenever a statement inserts several rows, FTS5 writes out what it has collected."""
    carried_out: list[str] = []

    def note(_: object, statement: str, __: object) -> bool:
        carried_out.append(statement)
        return True

    connection.exec_trace = note

    with inserting(connection, ONE, MANY, [(number, "text") for number in EVEN]):
        pass

    assert carried_out == [MANY]


@pytest.mark.parametrize("count", [2, 5_000])
def test_what_goes_wrong_meanwhile_is_told(connection: apsw.Connection, count: int) -> None:
    connection.execute(ONE, (2, "here first"))
    rows = [(number, str(number)) for number in range(1, count + 1)]

    with pytest.raises(apsw.ConstraintError), connection, inserting(connection, ONE, MANY, rows):
        pass

    assert rows_of(connection) == [(2, "here first")]
