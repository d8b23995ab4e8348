"""Sessions are written and read again, for tests."""

from pathlib import Path

from agentreplay.core.account import Account, account
from agentreplay.core.redact import Redactor
from agentreplay.core.written.lines import KeptLine, lines_of
from agentreplay.model.session import SessionKey
from agentreplay.store.memory import MemoryStore
from tests.transcripts import Importing

__all__ = ["FULL", "read_again", "said", "told_of"]

FULL = Redactor("full")


def told_of(store: MemoryStore, key: SessionKey, until: int | None = None) -> tuple[Account, list[KeptLine]]:
    """What is written of a session."""
    return account(store, key, FULL, until), lines_of(store, key, FULL, until)


def read_again(folder: Path, files: dict[str, bytes], name: str) -> Account:
    """The account of what was written, read into a store that knows nothing else."""
    for part, data in files.items():
        path = folder / name if not part else folder / Path(name).stem / part
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    desk = Importing(folder / "data")
    desk.read(folder)
    (row,) = desk.sessions()
    found = account(desk.store, row.session.key, FULL)
    desk.close()
    return found


def said(told: Account) -> list[tuple[str, str, str, object, object]]:
    """What of an account must come back."""
    return [
        (entry.kind, entry.title, entry.text, entry.request, entry.answer)
        for entry in told.entries
        if entry.kind != "note"
    ]
