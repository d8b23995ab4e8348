"""The process that follows transcripts for the server: `python -m agentreplay.server.watching FOLDER TENANT PROJECT`.

It ends when its standard input does, as the one that indexes. Reading takes a processor for as long as there is much to
read, and the server has others to answer meanwhile.
"""

import os
import signal
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO

from agentreplay.core.transcripts import Importer
from agentreplay.core.watch import Watch
from agentreplay.errors import AgentReplayError
from agentreplay.intake.transcripts.readers import READERS
from agentreplay.platform import giving_back, share_heaps
from agentreplay.settings import Settings
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["follow", "main"]


def follow(settings: Settings, home: Path, stop: Event) -> None:
    """Take in all there is, and follow it until the event is set."""
    with closing(JournalWriter(settings.db_path, settings.durability)) as writer:
        importer = Importer(settings, writer, time.time_ns)
        with closing(importer):
            follower = Watch(importer, READERS, home, os.environ, time.time_ns)
            give_back = giving_back()
            follower.sweep()
            follower.run(stop, lambda _: give_back())


def main(arguments: list[str], control: BinaryIO) -> int:
    """Follow until nothing more can be read from `control`; returns the exit code."""
    # Ctrl-C reaches all processes of a terminal; the server ends this one when it has ended itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = Event()
    share_heaps()

    def listen() -> None:
        while control.read(1):
            pass
        stop.set()

    Thread(target=listen, daemon=True).start()
    folder, tenant, project = arguments
    try:
        follow(replace(Settings.read(), db_path=Path(folder), tenant=tenant, project=project), Path.home(), stop)
    except AgentReplayError as error:
        sys.stderr.write(f"transcripts: {error.message}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdin.buffer))
