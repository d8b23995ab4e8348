"""Archives of every released version open, answer as they always did, and can be written to."""

import json
import shutil
from pathlib import Path

import pytest

from agentreplay import __version__
from agentreplay.store.memory import MemoryStore
from agentreplay.store.registry import open_store
from agentreplay.store.sqlite.upkeep import examine, rebuild
from agentreplay.testing import Maker, batch_of
from tests.golden.archive import ARCHIVES, answers, drafts, recording

VERSIONS = sorted(path.name for path in ARCHIVES.iterdir() if path.is_dir())


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def archive(version: str, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ARCHIVES / version, tmp_path / "archive"))


def test_it_answers_as_it_always_did(version: str, archive: Path) -> None:
    expected = json.loads((ARCHIVES / f"{version}.json").read_text())
    store = open_store(archive)

    store.drain()

    found = answers(store)
    for question, answer in expected.items():
        assert found[question] == answer, f"{version} answers otherwise about: {question}"
    store.close()


def test_it_is_whole_and_what_is_derived_can_be_derived_again(version: str, archive: Path) -> None:
    expected = json.loads((ARCHIVES / f"{version}.json").read_text())

    rebuild(archive, lambda _done, _total: None)

    assert examine(archive).problems == ()
    store = open_store(archive)
    assert answers(store) == expected
    store.close()


def test_it_can_be_written_to(archive: Path) -> None:
    store, span = open_store(archive), Maker(seed=99).span()

    store.append(batch_of(span))
    store.drain()

    assert store.spans.get(span.key) is not None
    store.close()


def test_this_version_has_an_archive_and_it_tells_the_truth() -> None:
    expected = json.loads((ARCHIVES / f"{__version__}.json").read_text())
    reference = MemoryStore()

    for batch in recording():
        reference.append(batch)
    for draft in drafts():
        reference.facts.commit(draft)

    assert answers(reference) == expected
