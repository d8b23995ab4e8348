"""Makes tools of functions: what a tool takes follows from the signature, its description from the docstring.

A function takes what it may reach and then, by their names, the arguments of the tool. Every tool takes a `budget` too,
which the function knows nothing of.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from agentreplay.errors import ValueInvalid
from agentreplay.server.mcp.fitting import LEAST_BUDGET, MOST_BUDGET, USUAL_BUDGET, Listing, fit
from agentreplay.server.mcp.reach import Reach

__all__ = ["Tool"]

_Budget = Annotated[
    int, Meta(ge=LEAST_BUDGET, le=MOST_BUDGET, description="The most tokens the answer may have; it is cut to fit.")
]


class Tool:
    """A tool: what it is called, what it takes, and what it does."""

    def __init__(self, function: Callable[..., Listing], *, runs_programs: bool = False, writes: bool = False) -> None:
        self.name = function.__name__
        self.description = inspect.getdoc(function) or ""
        self.runs_programs = runs_programs
        """Whether it runs what was recorded;"""
        self.writes = writes
        """whether it changes what is remembered or scored. All others only read."""
        self._function = function
        self._arguments = _struct_of(function)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what it takes."""
        _, found = msgspec.json.schema_components([self._arguments])
        schema = found[self._arguments.__name__]
        schema.pop("title")
        return {**schema, "additionalProperties": False}

    @property
    def told(self) -> dict[str, Any]:
        """The tool as clients are told of it."""
        # A program that goes on live does what it does, here and elsewhere.
        runs = self.runs_programs
        changes = runs or self.writes
        hints = {"readOnlyHint": not changes, "destructiveHint": changes, "openWorldHint": runs}
        return {
            "name": self.name,
            "title": self.name.replace("_", " ").capitalize(),
            "description": self.description,
            "inputSchema": self.schema,
            "annotations": hints,
        }

    def call(self, reach: Reach, given: Mapping[str, Any]) -> str:
        """The answer as JSON, within the budget. Raises ValueInvalid, and what the function raises."""
        arguments = msgspec.structs.asdict(self._read(given))
        budget: int = arguments.pop("budget")
        return fit(self._function(reach, **arguments), budget)

    def _read(self, given: Mapping[str, Any]) -> msgspec.Struct:
        try:
            # Models write numbers as text now and then, and what they mean is plain.
            return msgspec.convert(given, self._arguments, strict=False)
        except msgspec.ValidationError as error:
            known = ", ".join(self._arguments.__struct_fields__)
            problem = f"{error}. {self.name} takes {known}"
            raise ValueInvalid(what="what the tool was given", problem=problem) from error


def _struct_of(function: Callable[..., Listing]) -> type[msgspec.Struct]:
    hints = typing.get_type_hints(function, include_extras=True)
    _, *parameters = inspect.signature(function).parameters.values()
    fields: list[Any] = [
        (one.name, hints[one.name]) if one.default is one.empty else (one.name, hints[one.name], one.default)
        for one in parameters
    ]
    budget = ("budget", _Budget, USUAL_BUDGET)
    return msgspec.defstruct(function.__name__, [*fields, budget], kw_only=True, forbid_unknown_fields=True)
