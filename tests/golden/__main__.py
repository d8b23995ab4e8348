"""Writes the golden archive of this version if there is none: `python -m tests.golden`. None is ever changed."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from agentreplay import __version__
from agentreplay.store.registry import open_store
from tests.golden.archive import ARCHIVES, answers, recording

__all__ = ["main"]


def main() -> None:
    """Write the archive and what must be answered about it."""
    folder, expected = ARCHIVES / __version__, ARCHIVES / f"{__version__}.json"
    if folder.exists():
        sys.stdout.write(f"{folder} is there already\n")
        return
    *drained, left = recording()
    store = open_store(folder)
    for batch in drained:
        store.append(batch)
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
