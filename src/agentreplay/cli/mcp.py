"""`agentreplay mcp`: what was recorded, for other agents, over the Model Context Protocol."""

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from agentreplay import __version__
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.server.mcp.speaking import Speaker
from agentreplay.server.mcp.stdio import serve, taken_stdout

if TYPE_CHECKING:
    from agentreplay.server.jobs import Jobs
    from agentreplay.server.mcp.reach import Reach
    from agentreplay.server.mcp.remembering import Rememberer
    from agentreplay.store.protocol import Store

__all__ = ["mcp"]


@click.command(cls=Command)
@click.option("--read-only", is_flag=True, help="Without the tools that run what was recorded, remember or forget.")
@with_invocation
def mcp(invocation: Invocation, /, *, read_only: bool) -> None:
    """Let other agents look into what was recorded, over the Model Context Protocol.

    An agent starts this command and speaks to it over standard input and output; docs/mcp.md says how it is told to.
    No server needs to run. A running server answers the same at the path /mcp.
    """
    desk = _Desk(invocation, may_run=not read_only)
    try:
        speaker = Speaker(desk.reach, may_run=not read_only, may_write=not read_only, version=__version__)
        serve(speaker.answer, sys.stdin.buffer, taken_stdout(), desk.leave)
    finally:
        desk.close()


class _Desk:
    """Opens the store when it is first asked for something, and sees before each answer what was recorded meanwhile."""

    def __init__(self, invocation: Invocation, *, may_run: bool) -> None:
        self._invocation = invocation
        self._may_run = may_run
        self._lock = threading.Lock()
        self._store: Store | None = None
        self._jobs: Jobs | None = None
        self._may_write = may_run
        self._remembers: Rememberer | None = None

    @contextmanager
    def reach(self) -> "Generator[Reach]":
        from agentreplay.server.mcp.reach import Reach  # start-up
        from agentreplay.store.memory import MemoryStore  # start-up

        invocation = self._invocation
        with self._lock:
            store = self._opened()
            jobs = self._started()
        yield Reach(
            store=store or MemoryStore(),
            tenant=invocation.tenant,
            project=invocation.project,
            now=invocation.now,
            runner=jobs,
            remembers=self._remembering(),
            for_writing=self._made,
            settings=invocation.settings,
        )

    def leave(self) -> None:
        """End the jobs, and with them those who wait for one."""
        with self._lock:
            jobs, self._may_run = self._jobs, False
        if jobs is not None:
            jobs.close()

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()

    def _opened(self) -> "Store | None":
        from agentreplay.core.live import settle  # start-up

        if self._store is None:
            # Nothing may have been recorded yet; then it is looked for again with the next question.
            self._store = self._invocation.opener(self._invocation.settings)
        if self._store is not None:
            self._store.drain()
            settle(self._store, self._invocation.settings.db_path, self._invocation.now)
        return self._store

    def _made(self) -> "Store":
        """The store, made if nothing was recorded yet."""
        from agentreplay.store.registry import open_store  # start-up

        with self._lock:
            if self._store is None:
                settings = self._invocation.settings
                self._store = open_store(settings.db_path, durability=settings.durability)
            return self._store

    def _remembering(self) -> "Rememberer | None":
        if self._remembers is None and self._may_write:
            from agentreplay.server.mcp.remembering import Rememberer  # start-up

            self._remembers = Rememberer(self._invocation.settings, self._invocation.now, os.urandom)
        return self._remembers

    def _started(self) -> "Jobs | None":
        if not self._may_run:
            return None
        if self._jobs is None:
            from agentreplay.server.jobs import Jobs  # start-up
            from agentreplay.server.options import Options  # start-up

            self._jobs = Jobs(self._invocation.settings, Options(), self._invocation.now, _unheard)
        return self._jobs


def _unheard(job: object, session: object) -> None:
    """Nobody listens to what becomes of jobs: whoever started one asks."""
