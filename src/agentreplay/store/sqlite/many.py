"""Writes many rows with one statement. No Python comes between them, so that another thread goes on meanwhile."""

import contextlib
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

import apsw

__all__ = ["insert", "inserting"]

_MANY = 1_000
"""So many rows are worth a thread."""


def insert(connection: apsw.Connection, query: str, rows: Sequence[tuple[int, bytes]]) -> None:
    """Insert rows of a number and a value, in order of their numbers.

    The query takes the number before the first of a run without gaps, and the values of the run as an array.
    """
    begin = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end][0] != rows[end - 1][0] + 1:
            values = tuple([value for _, value in rows[begin:end]])
            connection.execute(query, (rows[begin][0] - 1, apsw.carray(values)))
            begin = end


@contextlib.contextmanager
def inserting(connection: apsw.Connection, query: str, rows: Sequence[tuple[int, bytes]]) -> Generator[None]:
    """As `insert`, done when the context ends, in which the connection must not be used."""
    if len(rows) < _MANY:
        insert(connection, query, rows)
        yield
        return
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(insert, connection, query, rows)
        yield
        done.result()
