"""What one run of the command line works with: the options in force, the clock, the store, the terminal."""

import dataclasses
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentreplay.cli import output, progress
from agentreplay.errors import ValueInvalid
from agentreplay.settings import Settings

if TYPE_CHECKING:
    from agentreplay.model.ids import ProjectId, TenantId
    from agentreplay.store.protocol import Store

__all__ = ["Invocation", "is_recorded", "open_recorded"]


def is_recorded(folder: Path) -> bool:
    """Whether there is anything to read: a database, or the journals of a process that only records."""
    from agentreplay.store.journal.packing import JOURNAL_FOLDER  # start-up
    from agentreplay.store.sqlite.transactions import database_of  # start-up

    try:
        if folder.is_dir():
            return database_of(folder).exists() or (folder / JOURNAL_FOLDER).exists()
        return folder.exists()
    except OSError:
        return True  # something is there; the store says best what is wrong with it


def open_recorded(settings: Settings) -> "Store | None":
    """The store, or None where nothing was ever recorded. Reading makes no folder."""
    from agentreplay.store.registry import open_store  # start-up

    if not is_recorded(settings.db_path):
        return None
    return open_store(settings.db_path, durability=settings.durability)


@dataclass
class Invocation:
    """One run of the command line."""

    now: Callable[[], int] = time.time_ns
    opener: Callable[[Settings], "Store | None"] = open_recorded
    chosen: dict[str, Any] = field(default_factory=dict[str, Any])
    """The global options that were given, by name."""

    @cached_property
    def settings(self) -> Settings:
        """The settings in force: the options before the environment before the defaults."""
        settings = Settings.read()
        given = {name: value for name, value in self.chosen.items() if name != "json"}
        sources = {**settings.sources, **{name: "--" + name.replace("_", "-") for name in given}}
        if given.get("db_path") == "":
            raise ValueInvalid(what="--db-path", problem="it is empty; give a folder")
        if "db_path" in given:
            given["db_path"] = Path(given["db_path"]).expanduser()
        settings = dataclasses.replace(settings, **given, sources=sources)
        if settings.db_path.is_file():
            place = f"{str(settings.db_path)!r}, which {sources['db_path']} names,"
            raise ValueInvalid(what=f"the data folder {place}", problem="it is a file; give a folder")
        return settings

    @property
    def wants_json(self) -> bool:
        """Whether a program reads what is printed."""
        return bool(self.chosen.get("json"))

    @property
    def tenant(self) -> "TenantId":
        """Whose data it is about."""
        from agentreplay.model.ids import TenantId, check_name  # start-up

        check_name(self.settings.tenant, "the tenant")
        return TenantId(self.settings.tenant)

    @property
    def project(self) -> "ProjectId":
        """The project to work in."""
        from agentreplay.model.ids import ProjectId, check_name  # start-up

        check_name(self.settings.project, "the project")
        return ProjectId(self.settings.project)

    @contextmanager
    def reading(self) -> Generator["Store", None, None]:
        """The store with all that was recorded before now; an empty one where nothing is."""
        store = self.opener(self.settings)
        if store is None:
            yield self._empty_store()
            return
        with closing(store):
            behind = store.lag().bytes
            with progress.shown("indexing what was recorded", lambda: (behind - store.lag().bytes, behind)):
                lag = store.drain()
            for journal in lag.damaged:
                output.warn(f"the journal {journal} could not be read to its end")
            if lag.damaged:
                output.hint("`agentreplay doctor` says more")
            self._settle(store)
            yield store

    def _settle(self, store: "Store") -> None:
        """Sessions whose process died are seen to be over from now on."""
        from agentreplay.core.live import settle  # start-up

        for key in settle(store, self.settings.db_path, self.now):
            output.note(f"session {key.session} was interrupted")

    def _empty_store(self) -> "Store":
        from agentreplay.store.memory import MemoryStore  # start-up

        output.note(f"nothing is recorded yet: {str(self.settings.db_path)!r} holds no store")
        output.hint("the first recording makes it; another folder is chosen with --db-path or AGENTREPLAY_DB")
        return MemoryStore()
