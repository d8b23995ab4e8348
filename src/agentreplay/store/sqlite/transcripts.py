"""How far each transcript was read, in a small database of its own beside the store.

It is written after what was read is acknowledged. A crash in between makes a piece be read twice, which changes
nothing; so does the loss of the whole file.
"""

from contextlib import AbstractContextManager
from pathlib import Path

import apsw
import msgspec

from agentreplay.folders import make_private
from agentreplay.model.ids import SessionId
from agentreplay.store.sqlite.transactions import translated, writing

__all__ = ["FILE", "Known", "Transcripts"]

FILE = "transcripts.db"
"""Its name in the data folder."""
_PATIENCE = 60
_SCHEMA = """
PRAGMA journal_mode = wal;
PRAGMA synchronous = normal;
CREATE TABLE IF NOT EXISTS file (scope TEXT, path TEXT, session TEXT, told BLOB, state BLOB, PRIMARY KEY (scope, path))
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS file_session ON file (scope, session);
CREATE TABLE IF NOT EXISTS claim (scope TEXT, thing TEXT, holder TEXT, PRIMARY KEY (scope, thing)) WITHOUT ROWID;
"""


class Known(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a file."""

    path: str
    reader: str
    session: SessionId
    thread: str = ""
    size: int = 0
    """When it was looked at last; `changed` is when it had been written then, in nanoseconds."""
    changed: int = 0
    read: int = 0
    """The place behind the last line that was read."""
    begun: int | None = None
    """The place of a last line that was read without an end, and that may go on."""
    tail: bytes = b""
    """The digest of the bytes before that place, by which a file that only grew is told from another one."""
    last: int = 0
    """The time of the last line that told one."""
    lines: int = 0
    unknown: dict[str, int] = {}
    tellings: int = 0
    """How often the file became another one, or another file had told of the same."""
    is_settled: bool = False
    """Whether what was open was ended, because nobody had written for long."""
    gone: int | None = None
    """When it was found to be deleted."""


class Transcripts:
    """The ledger of one tenant's project. One thread uses it; processes take turns, transaction by transaction."""

    def __init__(self, folder: Path, scope: str) -> None:
        make_private(folder)
        folder.joinpath(FILE).touch(mode=0o600)
        self._folder = folder
        self._scope = scope
        with translated(folder):
            self._connection = apsw.Connection(str(folder / FILE))
            self._connection.set_busy_timeout(_PATIENCE * 1000)
            self._connection.execute(_SCHEMA).fetchall()

    def changing(self) -> AbstractContextManager[None]:
        """All that is written inside is written at once, or not at all. Raises StoreBusy."""
        return writing(self._connection, self._folder)

    def get(self, path: str) -> Known | None:
        """What is known of a file, or None."""
        row = self._connection.execute(
            "SELECT told FROM file WHERE scope = ? AND path = ?", (self._scope, path)
        ).fetchone()
        return None if row is None else msgspec.msgpack.decode(row[0], type=Known)

    def state(self, path: str) -> bytes | None:
        """What the reader of a file wanted to be reminded of."""
        row = self._connection.execute(
            "SELECT state FROM file WHERE scope = ? AND path = ?", (self._scope, path)
        ).fetchone()
        return None if row is None else row[0]

    def put(self, known: Known, state: bytes | None) -> None:
        """Write down what is known of a file."""
        self._connection.execute(
            "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)",
            (self._scope, known.path, known.session, msgspec.msgpack.encode(known), state),
        )

    def files(self) -> list[Known]:
        """All files that were ever read."""
        rows = self._connection.execute("SELECT told FROM file WHERE scope = ? ORDER BY path", (self._scope,))
        return [msgspec.msgpack.decode(told, type=Known) for (told,) in rows]

    def files_of(self, session: SessionId) -> list[Known]:
        """Those that tell of a session."""
        rows = self._connection.execute(
            "SELECT told FROM file WHERE scope = ? AND session = ? ORDER BY path", (self._scope, session)
        )
        return [msgspec.msgpack.decode(told, type=Known) for (told,) in rows]

    def claim(self, key: str, mine: str) -> str:
        """What was claimed for the key by whoever came first, which may be me."""
        # Nearly all are new, and are found to be so by writing them.
        self._connection.execute("INSERT OR IGNORE INTO claim VALUES (?, ?, ?)", (self._scope, key, mine))
        return mine if self._connection.changes() else self.find(key) or mine

    def find(self, key: str) -> str | None:
        """What was claimed for the key, if anything."""
        row = self._connection.execute(
            "SELECT holder FROM claim WHERE scope = ? AND thing = ?", (self._scope, key)
        ).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
