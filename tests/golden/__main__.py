"""Writes the golden recordings of this version that are missing: `python -m tests.golden`. None is ever changed."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from agentreplay import __version__
from agentreplay.store.registry import open_store
from tests.golden.archive import ARCHIVES, answers, drafts, recording
from tests.golden.replays import REPLAYS, SCENARIOS, told
from tests.golden.snapshots import SNAPSHOTS, write_snapshots
from tests.golden.tape import TAPES, tape_answers, write_tape

__all__ = ["main"]


def main() -> None:
    """Write an archive, a tape, snapshots and what a replay says of each scenario."""
    _write_archive()
    _write_tape()
    if not (SNAPSHOTS / __version__).exists():
        write_snapshots(SNAPSHOTS / __version__)
        sys.stdout.write(f"wrote {SNAPSHOTS / __version__}\n")
    for name, scenario in SCENARIOS.items():
        path = REPLAYS / f"{name}.txt"
        if not path.exists():
            path.write_text(told(scenario()), encoding="utf-8")
            sys.stdout.write(f"wrote {path}\n")


def _write_tape() -> None:
    path = TAPES / f"{__version__}.tape"
    if not path.exists():
        write_tape(path)
        expected = json.dumps(tape_answers(path), indent=1, sort_keys=True) + "\n"
        path.with_suffix(".json").write_text(expected, encoding="utf-8")
        sys.stdout.write(f"wrote {path}\n")


def _write_archive() -> None:
    folder, expected = ARCHIVES / __version__, ARCHIVES / f"{__version__}.json"
    if folder.exists():
        sys.stdout.write(f"{folder} is there already\n")
        return
    *drained, left = recording()
    store = open_store(folder)
    for batch in drained:
        store.append(batch)
    for draft in drafts():
        store.facts.commit(draft)
    store.drain()
    store.append(left)
    store.close()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(folder, Path(scratch) / "copy"))
        store = open_store(copy)
        store.drain()
        expected.write_text(json.dumps(answers(store), indent=1, sort_keys=True) + "\n")
        store.close()
    sys.stdout.write(f"wrote {folder}\n")


if __name__ == "__main__":
    main()
