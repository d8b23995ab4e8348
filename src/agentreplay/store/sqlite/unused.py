"""Takes out words and bags that nothing uses any more: they are kept once for all, and go with the last that did."""

from array import array
from collections.abc import Collection, Generator
from contextlib import contextmanager
from typing import Any

import apsw

from agentreplay.contents.text import indexed_text
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.telling import FACETS

__all__ = ["Suspects", "erasing"]

_SQL = queries("unused")
_SLOWLY = 1_000
_FACETS = tuple(FACETS.values())


class Suspects:
    """Words and bags that were used by something which is gone."""

    def __init__(self, words: Collection[int] = (), bags: Collection[int] = ()) -> None:
        self.words = set(words)
        self.bags = set(bags)

    def forget(self, connection: apsw.Connection) -> None:
        """Remove those that nothing uses any more, words from the full text too.

        Most are in use still, which an index or the newest spans tell at once. Only for what is left all spans,
        contents and links are walked through, once.
        """
        bags = self.bags | _chosen(connection, "lists_of_bags", self.bags)
        bags -= _chosen(connection, "bags_of_newest_spans", bags)
        words = self.words - _chosen(connection, "words_in_indexes", self.words, _FACETS)
        if words or bags:
            for provider, *used in connection.execute(_SQL["seen_by_spans"], (_numbers(words), _numbers(bags))):
                words.discard(provider)
                bags.difference_update(used)
        words -= _chosen(connection, "words_of_contents", words)
        words -= _chosen(connection, "words_of_links", words)
        for query in ("drop_maps", "drop_lists"):
            connection.execute(_SQL[query], (_numbers(bags),))
        _drop_words(connection, words)


@contextmanager
def erasing(connection: apsw.Connection, index: str, count: int) -> Generator[None]:
    """Within, so many texts are taken out of a full-text index; behind it, no byte of them is left there.

    To take the words of one text out for good is slow; so many are merged away at the end.
    """
    many = count > _SLOWLY
    if many:
        connection.execute(_SQL["erase_slowly"].replace(":index", index), (0,))
    yield
    if many:
        connection.execute(_SQL["merge"].replace(":index", index))
        connection.execute(_SQL["erase_slowly"].replace(":index", index), (1,))


def _chosen(connection: apsw.Connection, query: str, among: Collection[int], *others: Collection[int]) -> set[int]:
    """Those of these numbers that a query finds."""
    if not among:
        return set()
    return {number for (number,) in connection.execute(_SQL[query], tuple(map(_numbers, (among, *others))))}


def _numbers(numbers: Collection[int]) -> Any:
    # No row has the number 0, and an array must not be empty.
    return apsw.carray(array("q", [*numbers] or [0]))


def _drop_words(connection: apsw.Connection, words: Collection[int]) -> None:
    rows = list(connection.execute(_SQL["words"], (_numbers(words),)))
    names = [(number, indexed_text(text)) for number, text, named in rows if named]
    with erasing(connection, "name_text", len(names)):
        connection.executemany(_SQL["forget_name"], names)
    connection.executemany(_SQL["drop_word"], [(number,) for number, *_ in rows])
