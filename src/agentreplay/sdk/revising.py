"""Tools that frameworks run: where each runs is told in its span, and a fork that begins at one runs it otherwise.

What a hook learns of a tool, it often learns in another place than where the tool can be given something else. So
whoever begins the span says so here, and whoever stands around the tool itself, inside of that span, asks.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from agentreplay.model.call import Answer
from agentreplay.model.ids import SpanId
from agentreplay.playback.tape import TOOL
from agentreplay.sdk import tasks
from agentreplay.sdk.plain import sketch
from agentreplay.sdk.raising import revive
from agentreplay.sdk.recorder import count_trouble
from agentreplay.sdk.scope import scope
from agentreplay.sdk.spans import RecordedSpan
from agentreplay.sdk.wrapping import Accompany, Served

if TYPE_CHECKING:
    # Who only records never loads what serves.
    from agentreplay.playback.player import Player

__all__ = ["Arguments", "Given", "Look", "begin", "by_name", "end", "revised"]

_running: dict[SpanId, "_Running"] = {}
"""The tools that are running, by their spans."""


@dataclass
class _Running:
    """A tool that is running."""

    span: RecordedSpan
    player: "Player | None"
    """Who wants it otherwise, as long as it is not."""


def _raise(error: BaseException) -> None:
    raise error


Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""What a method is called with: in order, and by name."""


class Given(NamedTuple):
    """How a method runs a tool."""

    arguments: dict[str, Any]
    """What it gives it."""
    put: Callable[[dict[str, Any]], Arguments]
    """The arguments of the method with which it gives it something else."""
    returns: Callable[[Any], Any] = lambda result: result
    """What the method returns when the tool gives back this."""
    fails: Callable[[BaseException], Any] = _raise
    """What the method does when the tool raises this."""


_PLAIN = {bool, dict, float, int, list, str, type(None)}


def by_name(arguments: tuple[Any, ...], named: dict[str, Any], *others: str) -> Given:
    """A method that gives the tool its arguments by name; what is no plain value is the framework's, as others are."""
    told = {name: item for name, item in named.items() if type(item) in _PLAIN and name not in others}
    rest = {name: item for name, item in named.items() if name not in told}

    def put(changed: dict[str, Any]) -> Arguments:
        return arguments, {**rest, **changed}

    return Given(told, put)


Look = Callable[[tuple[Any, ...], dict[str, Any]], Given]
"""Makes it of the arguments of the method."""


def begin(span: RecordedSpan) -> None:
    """A tool has begun in this span. Never raises."""
    inside = span.inside
    if inside is None or inside.boundary is None or inside.span_id is None:
        return
    address = tasks.current().next_tool()
    span.set(**{TOOL: address})
    player = inside.boundary.player
    is_changed = player is not None and player.begins_at(address) and player.plan.patches
    _running[inside.span_id] = _Running(span, player if is_changed else None)


def end(span: RecordedSpan) -> None:
    """The tool has ended, if it was one."""
    if span.inside is not None and span.inside.span_id is not None:
        _running.pop(span.inside.span_id, None)


def revised(function: Callable[..., Any], look: Look, *, tells: bool = False) -> Accompany:
    """What accompanies a method that runs a tool: it gives it, or gives back, what a fork that begins there wants.

    With `tells`, it also tells what the tool is given and gives back, where the framework does not.
    """

    def accompany(arguments: tuple[Any, ...], named: dict[str, Any]) -> "_Told | _Revised | None":
        inside = scope().span_id
        running = None if inside is None else _running.get(inside)
        if running is None or not (running.player is not None or tells):
            return None
        try:
            given = look(arguments, named)
            if tells:
                running.span.set(input=sketch(given.arguments))
            player, running.player = running.player, None
            if player is not None:
                return _revise(function, given, running.span, player)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            count_trouble(error, "what a tool is given")
            return None
        return _Told(running.span)

    return accompany


def _revise(function: Callable[..., Any], given: Given, span: RecordedSpan, player: "Player") -> "_Revised":
    from agentreplay.playback.patch import patch_answer, patch_arguments  # start-up

    patches = player.plan.patches
    if patches[0].path[0] == "arguments":
        changed = patch_arguments(given.arguments, patches)
        arguments, named = given.put(changed)
        span.set(input=sketch(changed))
        found = _Revised(lambda: function(*arguments, **named))
    elif (raised := patch_answer(Answer(), patches).raised) is not None:
        found = _Revised(lambda: given.fails(revive(raised, None)))
    else:
        result = patches[-1].value
        span.set(output=result)
        found = _Revised(lambda: given.returns(result))
    player.report.is_revised = True
    return found


class _Revised(Served):
    """The tool runs as the fork wants it, or does not run and something else comes back."""

    def __init__(self, run: Callable[[], Any]) -> None:
        self._run = run

    def value(self) -> Any:
        return self._run()

    async def value_async(self) -> Any:
        found = self._run()
        return await found if inspect.isawaitable(found) else found

    def items(self) -> Generator[Any, Any, Any]:
        found = self._run()
        if not inspect.isgenerator(found):
            yield found
            return None
        return (yield from cast("Generator[Any, Any, Any]", found))

    async def items_async(self) -> AsyncIterator[Any]:
        found = self._run()
        if not inspect.isasyncgen(found):
            yield found
            return
        async for item in found:
            yield item


class _Told:
    """A run of a tool whose framework does not tell what it gives back."""

    def __init__(self, span: RecordedSpan) -> None:
        self._span = span

    def __enter__(self) -> None:
        """Nothing is entered: its span is there."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object, /) -> None:
        """Nor left."""

    def yielded(self, item: Any) -> None:
        """The last item is what it gives back."""

    def returned(self, value: Any) -> None:
        self._span.set(output=sketch(value))

    def raised(self, error: BaseException) -> None:
        """The framework tells."""

    def left(self) -> None:
        """Nothing was given back."""
