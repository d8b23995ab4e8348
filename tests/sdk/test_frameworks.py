"""Each framework that has a hook can be asked for by its name; one that is not what its hook knows does no harm."""

import inspect
import sys
import tomllib
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.trace import NoOpTracer
from packaging.requirements import Requirement

from agentreplay.sdk import recorder
from agentreplay.sdk.frameworks import FRAMEWORKS, crewai, haystack, langchain, llama_index, openai_agents, tracers
from agentreplay.sdk.frameworks.runs import Runs
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
    hooked = [module for module in FRAMEWORKS if name == module or name.startswith(f"{module}.")]
    assert [recorder.troubles[kind] for kind in told] == [1] * len(hooked), recorder.troubles
    assert set(recorder.troubles) == set(told)
    assert [call.request.head["url"] for call in home.tape(session).calls] == [f"{models.url}/v1/models"]


class Strange:
    """What no hook can make sense of: nothing can be asked of it."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"there is no {object.__getattribute__(self, '__class__').__name__}.{name}")

    def __str__(self) -> str:
        raise RuntimeError("no words")

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("no items")

    def __bool__(self) -> bool:
        raise RuntimeError("neither")


LISTENERS: dict[str, Callable[[Runs], Any]] = {
    "langchain": langchain._Callbacks,
    "llama_index": llama_index._Handler,
    "openai_agents": openai_agents._Processor,
}
STRANGE: tuple[object, ...] = Strange(), None, 1, "one", {}, {"one": Strange()}, [Strange()], object()


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", LISTENERS)
def test_what_a_framework_says_is_never_raised_back_into_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    troubles: dict[str, int] = {}
    monkeypatch.setattr(recorder, "troubles", troubles)
    kind = LISTENERS[name]
    methods = [method for method, one in vars(kind).items() if not method.startswith("_") and inspect.isfunction(one)]

    def program() -> None:
        for method in methods:
            for strange in STRANGE:
                told = getattr(kind(Runs(name)), method)
                parameters = inspect.signature(told).parameters.values()
                placed = [strange for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
                told(*placed, **{one.name: strange for one in parameters if one.kind is one.KEYWORD_ONLY})

    record(program)

    assert len(methods) >= len(LISTENERS)
    assert troubles
    assert all(f"what {name} tells of itself" in kind for kind in troubles)


@contextmanager
def _trace(_: Any, name: str, **__: Any) -> Generator[str]:
    yield name


@pytest.mark.usefixtures("home")
def test_spans_and_events_of_another_shape_pass_by(monkeypatch: pytest.MonkeyPatch) -> None:
    troubles: dict[str, int] = {}
    monkeypatch.setattr(recorder, "troubles", troubles)
    strange: Any = Strange()

    def program() -> None:
        span = tracers._Tracer(NoOpTracer(), Runs("one")).start_span("invoke_agent a", attributes={"b": strange})
        span.set_attribute("gen_ai.agent.name", strange)
        span.end()
        assert tracers._Tracer(NoOpTracer(), Runs("two")).start_span(strange) is not None
        with haystack._beside(_trace, Runs("three"))(None, "haystack.agent.run", tags=[1]) as found:
            assert found == "haystack.agent.run"
        assert crewai._hearing(lambda *_: "prepared", Runs("four"))(None, None, strange) == "prepared"

    record(program)

    assert [kind.partition(" of itself")[0] for kind in troubles] == [
        f"what {name} tells" for name in ("one", "two", "three", "four")
    ]
