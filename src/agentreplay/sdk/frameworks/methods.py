"""Methods of a framework that are accompanied, where its own hooks come too late or are one slot that is the user's."""

from collections.abc import Callable, Sequence
from inspect import isasyncgen, isgenerator
from typing import Any, cast

from agentreplay.model.ids import SpanId
from agentreplay.model.values import Value
from agentreplay.sdk import revising
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.recorder import count_trouble
from agentreplay.sdk.revising import Look, revised
from agentreplay.sdk.scope import scope
from agentreplay.sdk.spans import RecordedSpan, around
from agentreplay.sdk.wrapping import Block, Run, Served, accompanied

__all__ = ["Describe", "MethodSpan", "Methods", "is_told"]

_told: dict[SpanId, str] = {}
"""The kinds of the spans of methods that are running."""


class MethodSpan(RecordedSpan):
    """A run of a method."""

    __slots__ = ()

    def __init__(
        self, name: object, kind: str = "step", *, agent: object = None, iteration: object = None, **told: Value
    ) -> None:
        number = iteration if type(iteration) is int else None
        super().__init__(str(name), kind, agent=None if agent is None else str(agent), iteration=number, **told)

    def begin(self, below: RecordedSpan | None = None) -> None:
        """It begins."""
        super().begin(below)
        if self.inside is not None and self.inside.span_id is not None:
            _told[self.inside.span_id] = self._kind
            if self._kind == "tool":
                revising.begin(self)

    def returns(self, value: Any) -> Any:
        """What is worth keeping of it is kept."""
        try:
            output = self.found(value)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            count_trouble(error, f"what {self._name} found")
        else:
            if output is not None:
                self.set(output=output)
        return value

    def found(self, value: Any) -> Any:
        """What is kept of what the method returns: all that a tool found."""
        if self._kind != "tool" or isgenerator(value) or isasyncgen(value):
            return None
        # Texts of their own kinds are texts.
        return str(value) if isinstance(value, str) else value

    def end(self, error: BaseException | None = None) -> None:
        """It ends."""
        if self.inside is not None and self.inside.span_id is not None:
            _told.pop(self.inside.span_id, None)
            revising.end(self)
        super().end(error)


Describe = Callable[[tuple[Any, ...], dict[str, Any]], Block | None]
"""Makes the span of a run out of its arguments, or None where it is not worth one."""


class Methods:
    """The methods of one framework. Never raises; what it cannot make sense of ends it, and is said once."""

    def __init__(self, framework: str, patches: Patches) -> None:
        self._framework = framework
        self._patches = patches
        self._is_off = False

    def accompany(self, holder: Any, name: str, describe: Describe) -> None:
        """Put a span around each run of a method that the holder itself has."""
        method = cast("Callable[..., Any]", vars(holder)[name])
        self._patches.replace(holder, name, accompanied(method, self._around(describe)))

    def tool(self, holder: Any, name: str, look: Look, *, tells: bool = False) -> None:
        """Let a fork change what a method gives a tool, or gets of it; the method runs inside of the tool's span."""
        method = cast("Callable[..., Any]", vars(holder)[name])
        self._patches.replace(holder, name, accompanied(method, revised(method, look, tells=tells)))

    def functions_of_tools(self, kind: Any, names: Sequence[str], look: Look) -> None:
        """The same for what objects of a kind hold as functions, once they are made."""
        initialise = cast("Callable[..., None]", vars(kind)["__init__"])

        def initialised(tool: Any, *arguments: Any, **named: Any) -> None:
            initialise(tool, *arguments, **named)
            if self._is_off:
                return
            try:
                for name in names:
                    function = getattr(tool, name)
                    setattr(tool, name, accompanied(function, revised(function, look)))
            except Exception as error:  # noqa: BLE001  # the program must not suffer
                self._give_up(error)

        self._patches.replace(kind, "__init__", initialised)

    def _around(self, describe: Describe) -> Callable[[tuple[Any, ...], dict[str, Any]], Run | Served | None]:
        def accompany(arguments: tuple[Any, ...], named: dict[str, Any]) -> Run | Served | None:
            if self._is_off:
                return None
            try:
                block = describe(arguments, named)
            except Exception as error:  # noqa: BLE001  # the program must not suffer
                self._give_up(error)
                return None
            return None if block is None else around(lambda _, __: block)(arguments, named)

        return accompany

    def _give_up(self, error: BaseException) -> None:
        """The framework is not what it was: from now on only the seams see what it does."""
        self._is_off = True
        count_trouble(error, f"what {self._framework} does; its calls are recorded all the same:")


def is_told(kind: str) -> bool:
    """Whether what the running flow works at is told already, as being of this kind."""
    inside = scope().span_id
    return inside is not None and _told.get(inside) == kind
