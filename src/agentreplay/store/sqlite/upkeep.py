"""Looks after a store: examines it, shrinks it, and derives anew what can be derived."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import msgspec

from agentreplay.contents.text import indexed_text
from agentreplay.errors import AgentReplayError, FormatTooNew
from agentreplay.model.receipt import Lag, Statistics
from agentreplay.store.journal.reader import journals_in
from agentreplay.store.sqlite.blocks import cut
from agentreplay.store.sqlite.completing import text_to_index
from agentreplay.store.sqlite.connection import FORMAT, connect
from agentreplay.store.sqlite.derive import rederive_session
from agentreplay.store.sqlite.facts_pictures import repaint
from agentreplay.store.sqlite.indexer import Indexer, Progress, lag_of, losses_of
from agentreplay.store.sqlite.keeping import Keeping
from agentreplay.store.sqlite.lock import holder_of
from agentreplay.store.sqlite.measuring import Rollups
from agentreplay.store.sqlite.memories_index import reindex_all
from agentreplay.store.sqlite.numbering import Counter, Numbering
from agentreplay.store.sqlite.prepared import PreparedSpan
from agentreplay.store.sqlite.queries import queries
from agentreplay.store.sqlite.rollup import AnyWord, SameNumber, gather, session_text
from agentreplay.store.sqlite.rows import unpack_body, unpack_shape
from agentreplay.store.sqlite.scores_index import reindex_scores
from agentreplay.store.sqlite.statistics import statistics
from agentreplay.store.sqlite.transactions import database_of, writing
from agentreplay.store.sqlite.unused import Suspects

__all__ = ["Examination", "examine", "rebuild", "vacuum"]

_SQL = queries("upkeep")
_STEP = 5_000
_SHOWN = 20


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a data folder."""

    folder: str
    exists: bool
    format: int | None
    problems: tuple[str, ...]
    lag: Lag | None
    indexer: int | None
    """The process that indexes now."""
    statistics: Statistics | None
    sqlite_version: str


def examine(folder: Path, *, deep: bool = True) -> Examination:
    """Look at a store without changing it; what is wrong is told and not raised. `deep` reads all of it."""
    problems: list[str] = []
    found: dict[str, Any] = {"format": None, "lag": None, "statistics": None}
    sizes = [path.stat().st_size for path in journals_in(folder)]
    if not database_of(folder).exists():
        if sizes:
            found["lag"] = Lag(journals=len(sizes), bytes=sum(sizes))
    else:
        try:
            connection = connect(folder)
        except FormatTooNew as error:
            found["format"] = error.facts["found"]
            problems.append(error.message)
        except AgentReplayError as error:
            problems.append(error.message)
        else:
            try:
                _look(connection, folder, found, problems, deep=deep)
            except (apsw.Error, AgentReplayError) as error:
                problems.append(str(error))
            finally:
                connection.close()
    return Examination(
        folder=str(folder),
        exists=bool(sizes) or database_of(folder).exists(),
        problems=tuple(problems),
        indexer=holder_of(folder),
        sqlite_version=apsw.sqlite_lib_version(),
        **found,
    )


def rebuild(folder: Path, progress: Progress) -> None:
    """Derive full text, measures, places, summaries, holders and pictures of states anew, or change nothing."""
    indexer = Indexer(folder)
    try:
        with indexer.exclusively() as connection, writing(connection, folder):
            steps = [_texts, _names, _spans, _sessions, _states]
            totals = [connection.execute(_SQL[f"count_{step.__name__[1:]}"]).get for step in steps]
            done, total = 0, sum(totals)
            connection.execute(_SQL["forget_derived"])
            for step in steps:
                for count in step(connection):
                    done += count
                    progress(min(done, total), total)
            _note_deletion(connection)
    finally:
        indexer.close()


def vacuum(folder: Path, progress: Progress) -> tuple[int, int]:
    """Give the room of what was deleted back to the disk; returns the size of the file before and after."""
    indexer = Indexer(folder)
    path = database_of(folder)
    steps = 4
    try:
        with indexer.exclusively() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            before = path.stat().st_size
            progress(1, steps)
            with writing(connection, folder):
                words, bags = ([row[0] for row in connection.execute(_SQL[query])] for query in ("words", "bags"))
                Suspects(words, bags).forget(connection)
                _note_deletion(connection)
            progress(2, steps)
            for table in ("content_text", "attribute_text", "name_text", "memory_text"):
                connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608 - our own names
            progress(3, steps)
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            progress(4, steps)
            return before, path.stat().st_size
    finally:
        indexer.close()


def _look(connection: apsw.Connection, folder: Path, found: dict[str, Any], problems: list[str], *, deep: bool) -> None:
    found["format"] = connection.pragma("user_version")
    check = "integrity_check" if deep else "quick_check"
    answers = [row[0] for row in connection.execute(f"PRAGMA {check}({_SHOWN})")]
    problems += [str(answer) for answer in answers if answer != "ok"]
    if problems:
        return
    found["lag"] = lag_of(connection, folder)
    found["statistics"] = statistics(connection, folder, deep=deep)
    for loss in losses_of(connection):
        problems.append(f"journal {loss.journal}: {loss.bytes} bytes at {loss.offset} were not read: {loss.problem}")
    if found["format"] != FORMAT:
        problems.append(f"the format is {found['format']}")


def _texts(connection: apsw.Connection) -> Iterator[int]:
    for number, _, media, *place in connection.execute(_SQL["texts"]):
        if text := text_to_index(media, cut(*place)):
            connection.execute(_SQL["index_content"], (number, text))
        yield 1


def _names(connection: apsw.Connection) -> Iterator[int]:
    for number, name in list(connection.execute(_SQL["names"])):
        connection.execute(_SQL["index_name"], (number, indexed_text(name)))
        yield 1


def _spans(connection: apsw.Connection) -> Iterator[int]:
    """Measures and attributes, a stretch of spans at a time."""
    measured = Rollups(connection)
    last = 0
    while True:
        rows = list(connection.execute(_SQL["spans"], (last, _STEP)))
        if not rows:
            return
        last = rows[-1][0]
        words = [(number, unpack_body(data).words(unpack_shape(names))) for number, data, names, *_ in rows]
        connection.executemany(_SQL["index_attributes"], [(number, text) for number, text in words if text])
        sessions = {row[4]: session_text(*row[-3:]) for row in rows}
        spans = [PreparedSpan._make([*row[3:-3], None, b"", [], "", False, 0]) for row in rows]
        _, rollups = gather(AnyWord(), sessions, spans)
        measured.add(rollups, SameNumber(), SameNumber())
        measured.write()
        yield len(rows)


def _sessions(connection: apsw.Connection) -> Iterator[int]:
    numbering, keeping = Numbering(connection), Keeping(connection)
    for (number,) in list(connection.execute(_SQL["sessions"])):
        rederive_session(connection, numbering, keeping, number, afresh=True)
        yield 1


def _states(connection: apsw.Connection) -> Iterator[int]:
    for (number,) in list(connection.execute(_SQL["states"])):
        repaint(connection, number, 0)
        yield 1
    reindex_all(connection)
    reindex_scores(connection)


def _note_deletion(connection: apsw.Connection) -> None:
    """Whoever remembers numbers of this store has to forget them."""
    Counter.add(connection, Counter.DELETIONS)
