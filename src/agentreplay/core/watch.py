"""Follows the transcripts of coding agents: all that is there first, and from then on what is written.

File events say what changed, so that nothing is looked at that did not; where the system has none for a folder, it is
polled. What was read is in the ledger: whoever follows next goes on there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from agentreplay.core.transcript_files import Found, find, within
from agentreplay.core.transcripts import REST, Importer, Outcome, Progress
from agentreplay.errors import TranscriptUnreadable
from agentreplay.intake.transcripts.reader import Reader
from agentreplay.model.time import MINUTE, Clock, Nanoseconds

__all__ = ["Changes", "Watch", "file_events"]

_PAUSE = 60_000
"""After so many milliseconds without an event it is looked whether something came to rest."""
_STEP, _GATHERED = 250, 1_000
"""Events are asked for as often, and gathered for as long, in milliseconds."""
_SWEEP = Nanoseconds(30 * MINUTE)
"""Everything is looked at again as often: an event may be lost, and databases have none worth following."""


Changes = Callable[[Sequence[Path], Event], Iterable[set[Path]]]
"""Where events come from: what changed in these folders until the event is set, and nothing when a pause is over."""


def file_events(folders: Sequence[Path], stop: Event) -> Iterable[set[Path]]:
    """The events of the operating system."""
    from watchfiles import watch  # start-up

    events = watch(
        *folders,
        watch_filter=None,
        debounce=_GATHERED,
        step=_STEP,
        stop_event=stop,
        rust_timeout=_PAUSE,
        yield_on_timeout=True,
        raise_interrupt=False,
        ignore_permission_denied=True,
    )
    for changes in events:
        yield {Path(path) for _, path in changes}


class Watch:
    """One follower. What it reads it tells, file by file."""

    def __init__(
        self, importer: Importer, readers: Sequence[Reader], home: Path, environment: Mapping[str, str], now: Clock
    ) -> None:
        self._importer = importer
        self._readers = readers
        self._home = home
        self._environment = environment
        self._now = now
        self._young: dict[Path, tuple[Reader, int]] = {}
        """The files that may still be written to, with when they changed last."""
        self._swept = 0

    def folders(self) -> list[Path]:
        """The folders of the agents that are there now, none inside of another."""
        homes = {folder for reader in self._readers for folder in reader.homes(self._home, self._environment)}
        there = sorted(folder for folder in homes if folder.is_dir())
        return [one for one in there if not any(other in one.parents for other in there)]

    def find(self) -> list[Found]:
        """Every transcript there is."""
        return list(find(self._readers, None, self._home, self._environment))

    def sweep(self, progress: Progress = lambda _: None) -> list[Outcome]:
        """Take in what is new in all of them, and notice what is gone."""
        self._swept = self._now()
        there = self.find()
        with self._importer.ahead(there):
            outcomes = [outcome for found in there if (outcome := self._read(found, progress)) is not None]
        self._importer.notice_gone()
        return outcomes

    def run(self, stop: Event, tell: Callable[[Outcome], None], changes: Changes = file_events) -> None:
        """Follow until the event is set."""
        while not stop.is_set():
            folders = self.folders()
            if not folders:
                stop.wait(_PAUSE / 1_000)
                continue
            for changed in changes(folders, stop):
                for outcome in self._take(changed):
                    tell(outcome)
                if self.folders() != folders:
                    break
            if not stop.is_set():
                # Another agent came or went; what it wrote before it was followed had no event.
                for outcome in _told(self.sweep()):
                    tell(outcome)

    def _take(self, changed: set[Path]) -> Iterable[Outcome]:
        if self._now() - self._swept > _SWEEP:
            yield from _told(self.sweep())
        for path in sorted(changed):
            for reader in self._readers:
                if path.is_file() and any(path.match(pattern) for pattern in reader.patterns()):
                    found = within(reader, path) if path.suffix else None
                    if found is not None and (outcome := self._read(found)) is not None:
                        yield from _told([outcome])
                        break
        rested = [path for path, (_, at) in self._young.items() if self._now() - at > REST]
        for path in rested:
            reader, _ = self._young.pop(path)
            found = within(reader, path)
            if found is not None and (outcome := self._read(found)) is not None:
                yield from _told([outcome])

    def _read(self, found: Found, progress: Progress = lambda _: None) -> Outcome | None:
        if self._now() - found.changed <= REST and found.data is None:
            self._young[found.path] = (found.reader, found.changed)
        # What cannot be read now is found again by the next sweep.
        with suppress(TranscriptUnreadable):
            return self._importer.read(found, progress)
        return None


def _told(outcomes: Iterable[Outcome]) -> Iterable[Outcome]:
    """Those that tell something new."""
    return [outcome for outcome in outcomes if outcome.lines or outcome.spans or outcome.is_rewritten]
