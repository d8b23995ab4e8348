"""A folder with programs, and a store they are recorded to: what tests of recording and replaying work with."""

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

from agentreplay.core.launch import Streams
from agentreplay.core.record import Wish, record
from agentreplay.core.starting import hand_over
from agentreplay.core.transfer import export_tape, import_tape
from agentreplay.model.session import SessionKey
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store, Writer
from agentreplay.store.registry import open_store

__all__ = ["ORDERS", "Desk"]

ORDERS = """
import agentreplay

@agentreplay.tool
def lookup(number):
    return {"order": number, "item": "kettle"}

for number in (7, 8):
    print(lookup(number))
"""
"""A program that looks up two orders."""


class Desk:
    """Programs and their recordings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(db_path=folder / "store", tenant="acme", project="demo")

    def write(self, name: str, text: str) -> Path:
        """Write a program, or change it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def record(self, program: str, *arguments: str, labels: Mapping[str, str] | None = None) -> SessionKey:
        """Record a run of a program in the folder."""
        command = [sys.executable, program, *arguments]
        wish = Wish(name=program, labels=labels or {})
        return record(command, self.settings, wish, Streams(stdin=b""), cwd=str(self.folder)).key

    def hand_over(self, key: SessionKey, writer: Writer) -> None:
        """Bring a recording to another store."""
        path = self.folder / f"{key.session}.tape"
        with self.reading() as store:
            export_tape(store, key, path)
        import_tape(path, writer)
        # Where the command line of the tests has its data folder.
        hand_over(self.settings.db_path, self.folder / "data")

    @contextmanager
    def reading(self) -> Generator[Store, None, None]:
        """The store, with all that was recorded."""
        store = open_store(self.settings.db_path)
        try:
            store.drain()
            yield store
        finally:
            store.close()
