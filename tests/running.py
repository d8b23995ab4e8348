"""Small programs that are recorded, replayed and forked by the tests."""

import dataclasses
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

from agentreplay.core.launch import Streams
from agentreplay.core.record import Recorded, Wish, record
from agentreplay.core.replay import Manner, replay
from agentreplay.model.ids import TenantId
from agentreplay.model.session import SessionKey
from agentreplay.playback.tape import Tape, read_tape
from agentreplay.playback.verdict import Verdict
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store

__all__ = ["SHOP", "Runs"]

SHOP = """
    import sys
    import agentreplay

    @agentreplay.tool
    def lookup(order):
        return {"order": order, "ships": "Friday"}

    @agentreplay.tool
    def refund(order, reason):
        return "refunded " + order

    found = lookup("7")
    print("it ships on", found["ships"])
    print(refund("7", reason="late " + found["ships"]))
    print(sys.stdin.read(), end="")
"""


class Runs:
    """A folder with programs and a store of what was recorded of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(db_path=folder / "store")
        self.tenant = TenantId(self.settings.tenant)

    def write(self, text: str, name: str = "agent.py") -> Path:
        path = self.folder / name
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def record(
        self,
        text: str = SHOP,
        *,
        stdin: bytes = b"",
        wish: Wish | None = None,
        arguments: tuple[str, ...] = (),
        cwd: Path | None = None,
    ) -> Recorded:
        """Record the program; what it writes goes nowhere."""
        command = [sys.executable, str(self.write(text)), *arguments]
        with self.calm():
            return record(command, self.settings, wish or Wish(), Streams(stdin=stdin), cwd=str(cwd or self.folder))

    def replay(self, key: SessionKey, text: str | None = None, manner: Manner | None = None) -> Verdict:
        """Replay the program, as it was or as it is now."""
        if text is not None:
            self.write(text)
        with self.calm(), self.store() as store:
            return replay(store, key, dataclasses.replace(manner or Manner(), home=self.settings.db_path))

    def tape(self, key: SessionKey) -> Tape:
        with self.store() as store:
            return read_tape(store, key)

    @contextmanager
    def store(self) -> Iterator[Store]:
        store = open_store(self.settings.db_path)
        try:
            store.drain()
            yield store
        finally:
            store.close()

    @contextmanager
    def calm(self) -> Iterator[None]:
        """The environment of a user, and not that of the tests."""
        before = dict(os.environ)
        for name in ("PYTHONHASHSEED", "PYTHONWARNINGS", "AGENTREPLAY_RUN"):
            os.environ.pop(name, None)
        os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent / "src")
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
