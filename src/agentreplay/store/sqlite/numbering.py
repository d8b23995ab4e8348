"""Gives texts, projects, sessions and traces their numbers in the store, and remembers them."""

import zlib
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import apsw

from agentreplay.contents.text import indexed_text
from agentreplay.store.sqlite.queries import queries

__all__ = ["Counter", "Numbering", "new_numbers"]

_Known = TypeVar("_Known")
_What = TypeVar("_What")

_SQL = queries("write")
_REMEMBERED = 20_000
"""Of each kind; more only while one batch has more."""
_REMEMBERED_PLACES = 4_000
"""Likewise of sessions and of traces: they come by the thousand, and those that ended are not asked for again."""


class Counter:
    """Numbers of the store as a whole, kept in `meta`."""

    POSITION = "position"
    CONFLICTS = "conflicts"
    DELETIONS = "deletions"

    @staticmethod
    def read(connection: apsw.Connection, name: str) -> int:
        """The number as it stands."""
        return int(connection.execute(_SQL["read_counter"], (name,)).get or 0)

    @staticmethod
    def put(connection: apsw.Connection, name: str, value: int) -> None:
        """Set the number."""
        connection.execute(_SQL["put_counter"], (name, value))

    @classmethod
    def add(cls, connection: apsw.Connection, name: str, count: int = 1) -> None:
        """Count so many more."""
        cls.put(connection, name, cls.read(connection, name) + count)


def new_numbers(connection: apsw.Connection, table: str, count: int) -> range:
    """That many numbers which no row of the table has, or ever had: readers may remember what one stood for."""
    first = Counter.read(connection, table) + 1
    if count:
        Counter.put(connection, table, first + count - 1)
    return range(first, first + count)


class Numbering:
    """Numbers of this store. Valid inside a write transaction; `forget` after one that was rolled back."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Remember nothing any more."""
        self._words: dict[str, int] = {}
        self._texts: dict[int, str] = {}
        self._named: set[int] = set()
        self._bags: dict[tuple[int | None, bytes], int] = {}
        self._projects: dict[tuple[str, str], int] = {}
        self._sessions: dict[tuple[int, str], int] = {}
        self._traces: dict[tuple[int, bytes], int] = {}

    def words(self, texts: Sequence[str], names: Collection[int] = ()) -> list[int]:
        """The numbers of these texts; those at the places in `names` become searchable."""
        known = self._words
        if len(known) > _REMEMBERED:
            known.clear()
            # Together: a word that is looked up again tells whether it is searchable.
            self._named.clear()
        missing = [text for text in texts if text not in known]
        fresh = [text for text in dict.fromkeys(missing) if not self._find_word(text)]
        numbers = new_numbers(self._connection, "word", len(fresh))
        self._connection.executemany(_SQL["add_word"], zip(numbers, fresh, strict=True))
        known.update(zip(fresh, numbers, strict=True))
        for place in names:
            text = texts[place]
            if known[text] not in self._named:
                self._make_searchable(known[text], str(text))
        return [known[text] for text in texts]

    def text(self, number: int | None) -> str | None:
        """The text with this number, or None for none."""
        if number is None:
            return None
        known = self._texts.get(number)
        if known is None:
            known = self._bounded(self._texts)[number] = str(self._connection.execute(_SQL["read_word"], (number,)).get)
        return known

    def bags(self, packed: Sequence[tuple[int | None, bytes]]) -> list[int]:
        """The numbers of these lists and maps; the maps give the place of their list."""
        known = self._bounded(self._bags)
        self._number_bags([(None, data) for shape, data in packed if shape is None])
        keys = [(None if shape is None else known[None, packed[shape][1]], data) for shape, data in packed]
        self._number_bags([key for key in keys if key[0] is not None])
        return [known[key] for key in keys]

    def _number_bags(self, keys: Sequence[tuple[int | None, bytes]]) -> None:
        known = self._bags
        fresh: list[tuple[int | None, bytes]] = []
        for shape, data in dict.fromkeys(keys):
            if (shape, data) not in known:
                found = self._connection.execute(_SQL["find_bag"], (zlib.crc32(data), shape, data)).get
                if found is None:
                    fresh.append((shape, data))
                else:
                    known[shape, data] = found
        numbers = new_numbers(self._connection, "bag", len(fresh))
        rows = [(number, shape, zlib.crc32(data), data) for number, (shape, data) in zip(numbers, fresh, strict=True)]
        self._connection.executemany(_SQL["add_bag"], rows)
        known.update(zip(fresh, numbers, strict=True))

    def projects(self, keys: Sequence[tuple[str, str]]) -> list[int]:
        """The numbers of these projects."""
        numbers: list[int] = []
        for key in keys:
            number = self._projects.get(key)
            if number is None:
                found = self._connection.execute(_SQL["find_project"], key).get
                number = found if found is not None else self._connection.execute(_SQL["add_project"], key).get
                self._projects[key] = number
            numbers.append(number)
        return numbers

    def sessions(self, keys: Sequence[tuple[int, str]]) -> tuple[list[int], list[bool]]:
        """The numbers of these sessions, and which of them are stored. The others are the caller's to write."""
        return self._rows("session", keys, self._bounded(self._sessions, _REMEMBERED_PLACES))

    def traces(self, keys: Sequence[tuple[int, bytes]]) -> tuple[list[int], list[bool]]:
        """The numbers of these traces, and which of them were stored before."""
        numbers, stored = self._rows("trace", keys, self._bounded(self._traces, _REMEMBERED_PLACES))
        fresh = [(number, *key) for number, key, old in zip(numbers, keys, stored, strict=True) if not old]
        self._connection.executemany(_SQL["add_trace"], fresh)
        return numbers, stored

    def _rows(self, table: str, keys: Sequence[Any], known: dict[Any, int]) -> tuple[list[int], list[bool]]:
        fresh: list[Any] = []
        for key in keys:
            if key not in known:
                number = self._connection.execute(_SQL[f"find_{table}"], key).get
                if number is None:
                    fresh.append(key)
                else:
                    known[key] = number
        stored = [key in known for key in keys]
        known.update(zip(fresh, new_numbers(self._connection, table, len(fresh)), strict=True))
        return [known[key] for key in keys], stored

    def _find_word(self, text: str) -> bool:
        row = self._connection.execute(_SQL["find_word"], (text,)).fetchone()
        if row is None:
            return False
        self._words[text] = row[0]
        if row[1]:
            self._named.add(row[0])
        return True

    def _make_searchable(self, number: int, text: str) -> None:
        self._named.add(number)
        self._connection.execute(_SQL["name_word"], (number,))
        self._connection.execute(_SQL["index_name"], (number, indexed_text(text)))

    @staticmethod
    def _bounded(remembered: dict[_Known, _What], most: int | None = None) -> dict[_Known, _What]:
        if len(remembered) > (_REMEMBERED if most is None else most):
            remembered.clear()
        return remembered
