"""An importer for tests of readers, and transcripts written line by line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transcripts import Importing

Written = Callable[..., Path]


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[Importing]:
    made = Importing(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def write(tmp_path: Path) -> Written:
    """Writes values as the lines of a file, or one as a document."""

    def written(name: str, *values: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".jsonl"):
            path.write_text("".join(json.dumps(value) + "\n" for value in values))
        else:
            path.write_text(json.dumps(values[0]))
        return path

    return written
