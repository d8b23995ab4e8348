"""One concept has one name: the tables of the model, the API, the CLI, MCP, the UI and the docs are compared."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import click
import pytest

from agentreplay.cli.program import program
from agentreplay.core.filter_fields import FIELDS, Subject, fields_of
from agentreplay.model.measure import DIMENSIONS, Grain
from agentreplay.model.memory import By
from agentreplay.model.session import SESSION_STATUSES
from agentreplay.model.span import KINDS, STATUSES
from agentreplay.model.usage import Usage
from agentreplay.server.mcp.catalogue import tools

ROOT = Path(__file__).resolve().parent.parent
API: Mapping[str, Any] = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))
MCP = tools(may_run=True, may_write=True)


def _command(*names: str) -> click.Command:
    found: click.Command = program
    for name in names:
        assert isinstance(found, click.Group)
        below = found.get_command(click.Context(found), name)
        assert below is not None
        found = below
    return found


def _choices(option: str, *command: str) -> Iterable[str]:
    """What an option of a command may be."""
    [found] = [one for one in _command(*command).params if option in one.opts]
    assert isinstance(found.type, click.Choice)
    return map(str, found.type.choices)


def _asked(path: str, name: str) -> Iterable[str]:
    """What a parameter of a route may be."""
    [found] = [one for one in API["paths"][path]["get"]["parameters"] if one["name"] == name]
    return _enumerated(found["schema"])


def _given(tool: str, argument: str) -> Iterable[str]:
    """What an argument of a tool may be."""
    return _enumerated(MCP[tool].schema["properties"][argument])


def _enumerated(schema: Mapping[str, Any]) -> Iterable[str]:
    found = re.findall(r'"enum": \[([^\]]+)\]', json.dumps(schema))
    assert len(found) == 1, schema
    words: list[str] = json.loads(f"[{found[0]}]")
    return words


def _field(schema: str, name: str) -> Iterable[str]:
    return _enumerated(API["components"]["schemas"][schema]["properties"][name])


def _properties(schema: str) -> Iterable[str]:
    properties: Mapping[str, Any] = API["components"]["schemas"][schema]["properties"]
    return properties


def _values(subject: Subject, name: str) -> Iterable[str]:
    """What a field of the filter language may be."""
    [found] = [field for field in fields_of(subject) if field.name == name]
    return found.values


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _union(path: str, name: str) -> Iterable[str]:
    """The words of a union in the UI."""
    [found] = re.findall(rf"type {name} =([^;]+);", _text(path))
    return re.findall(r'"(\w+)"', found)


def _keys(path: str, name: str) -> Iterable[str]:
    """The keys of a table in the UI."""
    [found] = re.findall(rf"const {name}\b[^=]*= \{{\n(.*?)\n\}}", _text(path), re.DOTALL)
    return re.findall(r"^  (\w+):", found, re.MULTILINE)


def _fields_told() -> Iterable[str]:
    """The fields that the page about filters explains."""
    _, _, table = _text("docs/filters.md").partition("| field | of |")
    for cell in re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE):
        yield from re.findall(r"`(\w+)`", cell)


CONCEPTS: Mapping[str, Mapping[str, Callable[[], Iterable[str]]]] = {
    "how a session ends": {
        "model": lambda: SESSION_STATUSES,
        "api": lambda: _field("Session", "status"),
        "cli": lambda: _choices("--status", "sessions", "list"),
        "filter": lambda: _values("sessions", "status"),
    },
    "how a span ends": {
        "model": lambda: STATUSES,
        "api": lambda: _field("SpanRow", "status"),
        "filter": lambda: _values("spans", "status"),
    },
    "kinds of spans": {
        "model": lambda: KINDS,
        "filter": lambda: _values("spans", "kind"),
        "ui": lambda: _keys("ui/src/design/kinds.ts", "LOOKS"),
    },
    "what measures are split by": {
        "model": lambda: DIMENSIONS,
        "api": lambda: _asked("/api/v1/measures", "by"),
        "cli": lambda: _choices("--by", "stats"),
        "mcp": lambda: _given("measures", "by"),
        "ui": lambda: _union("ui/src/measures/behind.ts", "Dimension"),
    },
    "how long a stretch of measures is": {
        "model": lambda: get_args(Grain),
        "api": lambda: _asked("/api/v1/measures", "grain"),
        "cli": lambda: _choices("--grain", "stats"),
        "mcp": lambda: _given("measures", "grain"),
    },
    "what is filtered by": {
        "model": lambda: {field.name for field in FIELDS},
        "docs": lambda: set(_fields_told()),
    },
    "by what memories are found": {
        "model": lambda: get_args(By),
        "api": lambda: _asked("/api/v1/memory/search", "by"),
        "cli": lambda: _choices("--by", "memory", "search"),
        "mcp": lambda: _given("recall", "by"),
    },
    "buckets of tokens": {
        "model": lambda: Usage.__struct_fields__,
        "api": lambda: set(_properties("Usage")) - {"total"},
    },
}


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_face_knows_the_same_words(concept: str) -> None:
    said = {face: set(words()) for face, words in CONCEPTS[concept].items()}

    assert said["model"]
    assert {face: words ^ said["model"] for face, words in said.items() if words != said["model"]} == {}


MCP_ALONE = {
    "budget": "answers are cut to it",
    "wait": "the API is asked again, or listened to",
    "query": "`q` in addresses, which are typed; models read whole words better",
    "only": "the API has a parameter for each dimension",
    "changes": "the API reads two contexts",
    "relation": "the API has a route for each",
    "for_good": "the API has another word for each end",
    "workspace": "the API takes whole owners, `workspace:…`",
    "task": "no other face asks for what bears on one",
}
"""What tools call by names of their own, and why."""


def test_arguments_of_tools_are_called_as_in_the_api() -> None:
    schemas = API["components"]["schemas"].values()
    known = {name for schema in schemas for name in schema.get("properties", {})}
    known |= {
        one["name"] for path in API["paths"].values() for route in path.values() for one in route.get("parameters", ())
    }

    taken = {argument for tool in MCP.values() for argument in tool.schema["properties"]}

    assert taken - known == MCP_ALONE.keys()


def test_every_list_has_the_same_shape() -> None:
    pages = {name: set(_properties(name)) for name in API["components"]["schemas"] if name.endswith("Page")}

    assert len(pages) > 10
    assert {name for name, properties in pages.items() if properties != {"items", "next"}} == set()
