"""Inserts many values with one statement. No Python comes between them, so that another thread goes on meanwhile."""

import contextlib
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

import apsw

__all__ = ["inserting"]

_MANY = 1_000
"""So many rows are worth a thread."""
_SPARSE = 4
"""Where the numbers reach over so many times as many, most of what would be passed is gaps."""


@contextlib.contextmanager
def inserting(connection: apsw.Connection, one: str, many: str, rows: Sequence[tuple[int, str]]) -> Generator[None]:
    """Insert rows of a number and an ASCII text, in order of their numbers, while the context lasts.

    The connection must not be used in it. A query for one takes both; that for many takes the number before the
    first and an array of bytes in which the others follow one by one, empty for a number that has no text.
    """
    if len(rows) < _MANY or rows[-1][0] - rows[0][0] >= _SPARSE * len(rows):
        connection.executemany(one, rows)
        yield
        return
    first, last = rows[0][0], rows[-1][0]
    values = [b""] * (last - first + 1)
    for number, text in rows:
        values[number - first] = text.encode("ascii")

    def insert() -> None:
        connection.execute(many, (first - 1, apsw.carray(tuple(values))))

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(insert)
        yield
        done.result()
