"""How a route is declared: a plain function that takes what it needs and returns stored values.

What the document of the API says of it follows from the function: the parameters from its arguments, the answer from
the type it returns, and the words from its docstring.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from agentreplay.server.binding import Binding
from agentreplay.server.reply import JSON

__all__ = ["SOCKET", "Answers", "Function", "Route", "Verb", "answers", "listens", "reads", "writes"]

Function = Callable[..., Any]
Verb = Literal["GET", "POST", "PATCH", "DELETE", "WEBSOCKET"]

SOCKET: Verb = "WEBSOCKET"
"""In place of a verb: the route is one for WebSockets, of which the document cannot tell."""


class Answers(NamedTuple):
    """How else a route may answer than as it should."""

    meaning: str
    media: str = ""
    """Empty where the answer has no body."""
    kind: Any = None
    """The type of the body."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """One thing that can be asked for, and what answers."""

    verb: Verb
    path: str
    """With the names of its parts in braces; the last may be `{name:path}`, which takes all that follows."""
    function: Function
    tag: str
    summary: str
    media: str = JSON
    status: int = 200
    answers: Mapping[int, Answers] = field(default_factory=dict[int, Answers])
    """What it may answer beside what every route may."""
    takes: str = ""
    """What the body is, where it is a file."""
    most_bytes: int | None = None
    """Of the body, where the limit is not that of the server."""
    is_quick: bool = False
    """It never waits for the store, and is called on the event loop."""

    @property
    def template(self) -> str:
        """Its path as it is told of, whatever a name in it takes."""
        return self.path.replace(":path}", "}")

    @cached_property
    def binding(self) -> Binding:
        """How its function gets its arguments. Made when it is first asked, for there are many that never are."""
        return Binding(self.function, self.path)


def reads(path: str, *, tag: str, summary: str, **more: Any) -> Callable[[Function], Route]:
    """Declare a route that only reads; `more` is what Route takes."""
    return _declared("GET", f"/api/v1{path}", tag=tag, summary=summary, **more)


def writes(
    verb: Literal["POST", "PATCH", "DELETE"], path: str, *, tag: str, summary: str, **more: Any
) -> Callable[[Function], Route]:
    """Declare a route that changes something."""
    return _declared(verb, f"/api/v1{path}", tag=tag, summary=summary, **more)


def answers(
    verb: Literal["GET", "POST"], path: str, *, tag: str, summary: str, **more: Any
) -> Callable[[Function], Route]:
    """Declare an asynchronous route, below any path, which runs on the event loop and must not block."""
    return _declared(verb, path, tag=tag, summary=summary, is_quick=True, **more)


def listens(path: str, *, tag: str, summary: str) -> Callable[[Function], Route]:
    """Declare a route for WebSockets."""
    return _declared(SOCKET, path, tag=tag, summary=summary, is_quick=True)


def _declared(verb: Verb, path: str, **more: Any) -> Callable[[Function], Route]:
    def declare(function: Function) -> Route:
        return Route(verb=verb, path=path, function=function, **more)

    return declare
