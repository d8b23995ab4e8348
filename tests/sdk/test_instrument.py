"""Seams go in once, as soon as their library is there, and come out again."""

import asyncio
import sys
import threading
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from agentreplay.sdk import recorder, tasks
from agentreplay.sdk.instrument import instrument, is_instrumented, uninstrument, wrap
from agentreplay.sdk.patching import Patches

LIBRARY = "agentreplay_test_library"
SEAM = "agentreplay.sdk.seams.of_the_test_library"


def names_of_threads() -> list[str]:
    """What three threads are called that one flow starts one after the other."""
    names: list[str] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: names.append(tasks.current().path))
        thread.start()
        thread.join()
    first = [name.rpartition("-") for name in names]
    return [str(int(number) - int(first[0][2]) + 1) for _, _, number in first]


@pytest.fixture
def seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A seam for a library of the test's, which can be imported and is not yet; what is returned is the seam."""
    (tmp_path / f"{LIBRARY}.py").write_text("def ask():\n    return 'unseen'\n")
    monkeypatch.syspath_prepend(tmp_path)
    seam = ModuleType(SEAM)

    def install(patches: Patches, module: ModuleType) -> None:
        patches.replace(module, "ask", lambda: "seen")

    seam.install = install  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, SEAM, seam)
    monkeypatch.setitem(sys.modules["agentreplay.sdk.instrument"].SEAMS, LIBRARY, SEAM.rpartition(".")[2])
    monkeypatch.delitem(sys.modules, LIBRARY, raising=False)
    return seam


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("order", ["wrap wrap", "wrap instrument", "instrument wrap", "instrument instrument"])
def test_tasks_are_named_once(order: str) -> None:
    for word in order.split():
        if word == "wrap":
            wrap(object())
        else:
            instrument()
    assert names_of_threads() == ["1", "2", "3"]


@pytest.mark.usefixtures("home")
def test_everything_comes_out_again() -> None:
    start, create = threading.Thread.start, asyncio.BaseEventLoop.create_task
    instrument()
    assert is_instrumented()
    assert threading.Thread.start is not start
    uninstrument()
    assert not is_instrumented()
    assert (threading.Thread.start, asyncio.BaseEventLoop.create_task) == (start, create)


@pytest.mark.usefixtures("home", "seam")
def test_a_library_gets_its_seam_when_it_is_imported() -> None:
    instrument()
    module = __import__(LIBRARY)
    assert module.ask() == "seen"
    assert isinstance(module.__loader__, SourceFileLoader)
    uninstrument()
    assert module.ask() == "unseen"


@pytest.mark.usefixtures("home", "seam")
def test_wrapping_sees_what_is_imported_already() -> None:
    module = __import__(LIBRARY)
    client = object()
    assert wrap(client) is client
    assert module.ask() == "seen"


@pytest.mark.usefixtures("home")
def test_a_seam_that_does_not_fit_is_left_out_and_told(seam: ModuleType) -> None:
    def install(patches: Patches, module: ModuleType) -> None:
        raise AttributeError("the library has changed")

    seam.install = install  # type: ignore[attr-defined]
    instrument()
    assert __import__(LIBRARY).ask() == "unseen"
    assert recorder.troubles == {"the seam of_the_test_library: AttributeError: the library has changed": 1}
