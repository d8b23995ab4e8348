"""A framework that is not what its hook knows does no harm: that is said once, and its calls are recorded still."""

import sys
import urllib.request
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from agentreplay.sdk import recorder
from agentreplay.sdk.frameworks import FRAMEWORKS
from agentreplay.testing import ScriptedModels
from tests.sdk.home import Home, record


@pytest.fixture(scope="module")
def models() -> Iterator[ScriptedModels]:
    with ScriptedModels() as models:
        yield models


def write_module(folder: Path, name: str) -> None:
    """A module that can be imported by this name, and has nothing in it but what a program calls."""
    *packages, module = name.split(".")
    for package in packages:
        folder /= package
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
    (folder / f"{module}.py").write_text("def answer():\n    return 42\n")


def modules_of(package: str) -> list[str]:
    """Those of a package that are imported."""
    return [name for name in sys.modules if name == package or name.startswith(f"{package}.")]


@pytest.mark.parametrize("name", sorted(FRAMEWORKS))
def test_a_framework_of_another_shape_works_as_ever(
    name: str, home: Home, models: ScriptedModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_module(tmp_path, name)
    monkeypatch.syspath_prepend(tmp_path)
    top = name.partition(".")[0]
    real = {module: sys.modules.pop(module) for module in modules_of(top)}

    def program() -> int:
        found: int = import_module(name).answer()
        with urllib.request.urlopen(f"{models.url}/v1/models") as response:
            response.read()
        return found

    try:
        session = record(program)
    finally:
        for module in modules_of(top):
            del sys.modules[module]
        sys.modules.update(real)

    told = [kind for kind in recorder.troubles if kind.startswith(f"the framework {FRAMEWORKS[name]}: ")]
    assert [recorder.troubles[kind] for kind in told] == [1], recorder.troubles
    assert set(recorder.troubles) == set(told)
    assert [call.request.head["url"] for call in home.tape(session).calls] == [f"{models.url}/v1/models"]
