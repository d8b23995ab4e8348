"""Each framework that has a hook can be asked for by its name, and all of them at once."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from agentreplay.sdk.frameworks import FRAMEWORKS, tracers

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
ALL = "all-frameworks"
OTHER = {"bucket", "encryption", ALL}
TRACED = {
    "autogen-core": "autogen",
    "gcp.vertex.agent": "google-adk",
    "pydantic-ai": "pydantic-ai",
    "semantic_kernel": "semantic-kernel",
    "strands": "strands",
}
"""Which extra stands for a framework that is heard by its own tracing."""
ELSEWHERE = {
    "autogen": "wants a protobuf that is older than ours",
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
