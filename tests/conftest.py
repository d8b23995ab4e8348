"""What every test may ask for: a store of each adapter, a maker of things; and how hard to try properties."""

import gc
import os
import sys
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from agentreplay.collecting import without_collections
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker
from tests.adapters import ADAPTERS, open_adapter
from tests.desk import Desk

settings.register_profile(
    "default", derandomize=True, max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("default"), max_examples=20)
settings.register_profile("thorough", settings.get_profile("default"), derandomize=False, max_examples=3_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collecting makes much that stays to the end; none of it is looked through for circles, also later."""
    with without_collections():
        collected = yield
        gc.freeze()
    return collected


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A module none of whose tests would be run is not imported: each of the processes side by side collects all."""
    wanted, is_all = config.getoption("markexpr"), config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if not is_all or collection_path.suffix != ".py" or wanted not in {"slow", "not slow"}:
        return None
    text = collection_path.read_text(encoding="utf-8")
    has_none = "slow" not in text if wanted == "slow" else "\npytestmark = pytest.mark.slow\n" in text
    return has_none or None


@pytest.fixture(autouse=True)
def _no_seam_stays() -> Iterator[None]:
    """A test that records takes its seams out again, or others are recorded that want to see bare libraries."""
    yield
    module = sys.modules.get("agentreplay.sdk.instrument")
    if module is not None and module.is_instrumented():
        module.uninstrument()
        pytest.fail("seams were left in place; `uninstrument()` takes them out")


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path)
    monkeypatch.setenv("AGENTREPLAY_DB", str(desk.settings.db_path))
    return desk


@pytest.fixture(params=ADAPTERS)
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens as many empty stores of one adapter as a test needs."""
    opened: list[Store] = []
    numbers = count()

    def open_one() -> Store:
        folder = tmp_path / f"store-{next(numbers)}"
        folder.mkdir()
        opened.append(open_adapter(request.param, folder))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    return new_store()
