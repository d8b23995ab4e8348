"""What is derived from records, so that they are found: a row, the words, and a number for each text."""

from collections.abc import Sequence

import apsw
import msgspec
from blake3 import blake3

from agentreplay.model.fact import Fact
from agentreplay.model.memory import RecordVersion, version_of
from agentreplay.store.sqlite.facts_rows import operations_of, plain
from agentreplay.store.sqlite.numbering import new_numbers
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.words import searched_text, searched_words

__all__ = ["collection_word", "drop", "drop_all", "index", "reindex_all", "renew"]

_SQL = queries("memories")
_FACTS = queries("facts")


def collection_word(state: int) -> str:
    """The word under which all texts of a collection are found."""
    return f"c{state}"


def index(connection: apsw.Connection, state: int, facts: Sequence[Fact]) -> None:
    """Let records be found as these facts say, within the caller's transaction. A text that stays keeps its number."""
    for version in map(version_of, facts):
        if version.record is None:
            drop(connection, state, version.id)
        else:
            _put(connection, state, version)


def drop(connection: apsw.Connection, state: int, key: str) -> int:
    """Let a record be found no more, and say how many vectors went."""
    row = connection.execute(_SQL["find_record"], (state, key)).fetchone()
    return 0 if row is None else _drop(connection, row[0])


def drop_all(connection: apsw.Connection, state: int) -> None:
    """Let no record of a collection be found any more."""
    for (number,) in list(connection.execute(_SQL["numbers_of_collection"], (state,))):
        _drop(connection, number)


def renew(connection: apsw.Connection, state: int, key: str) -> None:
    """Let a record be found as the log says now."""
    present = connection.execute(_FACTS["present"], (state, key)).fetchone()
    if present is None:
        drop(connection, state, key)
        return
    _, number, position, part = present
    [(codec, data, committed)] = connection.execute(_FACTS["part"], (state, position, part))
    [done] = [done for done in operations_of(plain(codec, data)) if (done.key, done.version) == (key, number)]
    index(connection, state, [Fact(key, number, done.value, position, committed, done.is_deleted)])


def reindex_all(connection: apsw.Connection) -> None:
    """Make the rows and words of all collections anew from the log; vectors stay with the texts they were made of."""
    for (state,) in list(connection.execute(_SQL["all_collections"])):
        for (number,) in list(connection.execute(_SQL["numbers_of_collection"], (state,))):
            connection.execute(_SQL["drop_text"], (number,))
        for (key,) in list(connection.execute(_SQL["keys_of_collection"], (state,))):
            renew(connection, state, key)


def _put(connection: apsw.Connection, state: int, version: RecordVersion) -> None:
    record = version.record
    if record is None:
        raise AssertionError("what was removed is not indexed")
    text = searched_text(record)
    digest = blake3(text.encode()).digest(length=16)
    number, before = connection.execute(_SQL["find_record"], (state, version.id)).fetchone() or (None, None)
    if number is not None and before != digest:
        _drop(connection, number)
        number = None
    if number is None:
        (number,) = new_numbers(connection, "memory_record", 1)
    else:
        connection.execute(_SQL["drop_record"], (number,))
        connection.execute(_SQL["drop_text"], (number,))
    words, stems = searched_words(record)
    connection.execute(
        _SQL["add_record"],
        (
            number,
            state,
            version.id,
            version.version,
            version.position,
            version.changed,
            digest,
            len(words),
            record.importance,
            record.author,
            record.source.session,
            record.source.place,
            record.valid_from,
            record.valid_until,
            msgspec.json.encode(record.metadata).decode(),
        ),
    )
    connection.execute(_SQL["add_text"], (number, collection_word(state), " ".join(words), " ".join(stems)))


def _drop(connection: apsw.Connection, number: int) -> int:
    connection.execute(_SQL["drop_record"], (number,))
    connection.execute(_SQL["drop_text"], (number,))
    return len(list(connection.execute(_SQL["drop_embeddings_of_record"], (number,))))
