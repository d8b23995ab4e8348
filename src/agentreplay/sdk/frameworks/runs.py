"""The spans of what a framework says is under way, by the framework's own ids."""

import functools
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from agentreplay.model.ids import SpanId
from agentreplay.model.values import Value
from agentreplay.sdk import revising
from agentreplay.sdk.plain import sketch
from agentreplay.sdk.recorder import count_trouble
from agentreplay.sdk.scope import Scope, enter, scope
from agentreplay.sdk.spans import RecordedSpan

__all__ = ["Runs", "guarding"]

Kind = TypeVar("Kind", bound=type)

_MOST = 10_000


class Runs:
    """What is under way in one framework. Never raises; what it cannot make sense of ends it, and is said once."""

    def __init__(self, framework: str) -> None:
        self._framework = framework
        self._spans: dict[Hashable, RecordedSpan] = {}
        self._outside: dict[Hashable, Scope] = {}
        self._passed: set[Hashable] = set()
        self._is_off = False

    def begin(
        self,
        run: Hashable,
        name: object,
        kind: str = "step",
        *,
        parent: Hashable = None,
        agent: str | None = None,
        iteration: int | None = None,
        told: Mapping[str, object] | None = None,
    ) -> None:
        """A run begins, within its parent where that is known, else within what the running flow works at."""
        if self._is_off:
            return
        try:
            attributes: dict[str, Any] = {
                key: sketch(value) for key, value in (told or {}).items() if value is not None
            }
            iteration = iteration if type(iteration) is int else None
            span = RecordedSpan(str(name), kind, agent=agent, iteration=iteration, **attributes)
            around = self._spans.get(parent)
            span.begin(around)
            if span.inside is None:
                return
            if kind == "tool":
                revising.begin(span)
            self._spans[run] = span
            self._outside[run] = (None if around is None else around.inside) or scope()
            enter(span.inside)
            # What never ends, because the framework forgot it, must not be kept for ever.
            if len(self._spans) > _MOST:
                self._forget(next(iter(self._spans)))
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            self.give_up(error)

    def pass_over(self, run: Hashable, parent: Hashable) -> None:
        """A run is not worth a span; what it begins belongs to its parent."""
        span = self._spans.get(parent)
        if span is not None and not self._is_off:
            self._spans[run] = span
            self._passed.add(run)

    def end(self, run: Hashable, error: BaseException | None = None, told: Mapping[str, object] | None = None) -> None:
        """A run ends."""
        if run in self._passed:
            self._forget(run)
            return
        span = self._spans.get(run)
        if span is None:
            return
        try:
            # Runs of one flow may end in another order than they began, and in another flow.
            if scope() is span.inside:
                enter(self._outside[run])
            self._forget(run)
            attributes: dict[str, Value] = {k: sketch(value) for k, value in (told or {}).items() if value is not None}
            span.set(**attributes)
            span.end(error)
        except Exception as trouble:  # noqa: BLE001  # the program must not suffer
            self.give_up(trouble)

    def told(self, run: Hashable) -> SpanId | None:
        """The span that tells of a run."""
        span = None if run in self._passed else self._spans.get(run)
        return None if span is None or span.inside is None else span.inside.span_id

    def rename(self, run: Hashable, name: str, kind: str, agent: str | None = None) -> None:
        """What it is became clear later than it began."""
        span = self._spans.get(run)
        if span is not None and run not in self._passed:
            span.rename(name, kind, agent)

    def give_up(self, error: BaseException) -> None:
        """The framework is not what it was: from now on only the seams see what it does."""
        self.stop()
        count_trouble(error, f"what {self._framework} tells of itself; its calls are recorded all the same:")

    def stop(self) -> None:
        """Nothing more is told."""
        self._is_off = True
        self._spans.clear()
        self._outside.clear()
        self._passed.clear()

    def _forget(self, run: Hashable) -> None:
        span = self._spans.pop(run, None)
        if span is not None and run not in self._passed:
            revising.end(span)
        self._outside.pop(run, None)
        self._passed.discard(run)


def guarding(kind: Kind) -> Kind:
    """A class whose methods a framework calls, with its runs in `_runs`: what one of them cannot make sense of is not
    raised into the framework, but ends them all.
    """
    for name, method in list(vars(kind).items()):
        if not name.startswith("_") and callable(method):
            setattr(kind, name, _guarded(method))
    return kind


def _guarded(method: Callable[..., object]) -> Callable[..., None]:
    @functools.wraps(method)
    def heard(listener: Any, *arguments: Any, **named: Any) -> None:
        try:
            method(listener, *arguments, **named)
        except Exception as error:  # noqa: BLE001  # the program must not suffer
            listener._runs.give_up(error)  # as promised

    return heard
