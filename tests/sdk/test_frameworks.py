"""Each framework that has a hook can be asked for by its name; one that is not what its hook knows does no harm."""

import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from agentreplay.sdk import recorder
from agentreplay.sdk.frameworks import FRAMEWORKS, tracers
from agentreplay.testing import ScriptedModels
from tests.sdk.home import Home, record

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
ALL = "all-frameworks"
OTHER = {"bucket", "encryption", "memory", ALL}
TRACED = {
    "autogen-core": "autogen",
    "gcp.vertex.agent": "google-adk",
    "pydantic-ai": "pydantic-ai",
    "semantic_kernel": "semantic-kernel",
    "strands": "strands",
}
"""Which extra stands for a framework that is heard by its own tracing."""
ELSEWHERE = {
    "langgraph": "is heard by LangChain's hook, and has a saver",
}
"""Frameworks that have no hook or no extra of their own, each with the reason."""


def hooked() -> set[str]:
    """The frameworks that have a hook, by the names of their extras."""
    own = {name.replace("_", "-") for name in FRAMEWORKS.values() if name != "tracers"}
    return own | {TRACED[tracer] for tracer in tracers._TRACERS}


def test_each_framework_with_a_hook_is_an_extra() -> None:
    extras = EXTRAS.keys() - OTHER

    assert hooked() - extras <= ELSEWHERE.keys()
    assert extras - hooked() <= ELSEWHERE.keys()


def test_all_frameworks_are_all_of_them() -> None:
    [everything] = [Requirement(text) for text in EXTRAS[ALL]]

    assert everything.name == PROJECT["name"]
    assert everything.extras == EXTRAS.keys() - OTHER


@pytest.mark.parametrize("extra", sorted(EXTRAS.keys() - OTHER))
def test_an_extra_is_its_framework_from_some_version_on(extra: str) -> None:
    for requirement in map(Requirement, EXTRAS[extra]):
        assert [part.operator for part in requirement.specifier] == [">="]


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
