"""How the summary of a session grows and shrinks with its spans."""

from collections.abc import Iterable

from agentreplay.model.session import Summary
from agentreplay.model.span import SpanRow
from agentreplay.model.time import Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage

__all__ = ["Tally", "summarise"]

_BUCKETS = len(Usage.__struct_fields__)


def summarise(spans: Iterable[SpanRow]) -> Summary:
    """The summary of these spans, whatever their order."""
    tally = Tally(Summary())
    for span in spans:
        tally.add(span)
    return tally.summary()


class Tally:
    """A summary being counted. The order in which spans are added makes no difference."""

    def __init__(self, base: Summary) -> None:
        self.spans = base.spans
        self.open = base.open
        self.errors = base.errors
        self.root_errors = base.root_errors
        self.iterations = base.iterations
        self.first = base.first
        self.last = base.last
        self.cost: int = base.cost
        self.kinds = dict(base.kinds)
        self.tools = dict(base.tools)
        self.models = dict(base.models)
        self.agents = dict(base.agents)
        self.usage = list(base.usage.counts)
        self.model_usage = {model: list(usage.counts) for model, usage in base.model_usage.items()}

    def add(self, span: SpanRow) -> None:
        """Count a span that was not counted before."""
        self._count(span, 1)
        end = span.end
        last = span.start if end is None or end < span.start else end
        if self.first is None or span.start < self.first:
            self.first = span.start
        if self.last is None or last > self.last:
            self.last = last
        if span.iteration is not None and span.iteration > self.iterations:
            self.iterations = span.iteration

    def replace(self, before: SpanRow, after: SpanRow) -> None:
        """Count a span anew that was counted while it was open."""
        self._count(before, -1)
        self.add(after)

    def merge(self, other: Summary) -> None:
        """Count all the spans of another summary, none of which was counted before."""
        self.spans += other.spans
        self.open += other.open
        self.errors += other.errors
        self.root_errors += other.root_errors
        self.iterations = max(self.iterations, other.iterations)
        self.first = _least(self.first, other.first)
        self.last = _most(self.last, other.last)
        self.cost += other.cost
        for mine, theirs in (
            (self.kinds, other.kinds),
            (self.tools, other.tools),
            (self.models, other.models),
            (self.agents, other.agents),
        ):
            for name, count in theirs.items():
                _bump(mine, name, count)
        _add_usage(self.usage, other.usage, 1)
        for model, usage in other.model_usage.items():
            _add_usage(self.model_usage.setdefault(model, [0] * _BUCKETS), usage, 1)

    def summary(self) -> Summary:
        """What was counted so far."""
        return Summary(
            spans=self.spans,
            open=self.open,
            errors=self.errors,
            iterations=self.iterations,
            first=self.first,
            last=self.last,
            usage=_usage(self.usage),
            cost=NanoDollars(self.cost),
            kinds=self.kinds,
            tools=self.tools,
            models=self.models,
            agents=self.agents,
            model_usage={model: _usage(counts) for model, counts in self.model_usage.items() if any(counts)},
            root_errors=self.root_errors,
        )

    def _count(self, span: SpanRow, sign: int) -> None:
        self.spans += sign
        if span.end is None:
            self.open += sign
        if span.status == "error":
            self.errors += sign
            if span.parent_id is None:
                self.root_errors += sign
        if span.cost:
            self.cost += sign * span.cost
        _bump(self.kinds, span.kind, sign)
        if span.tool is not None:
            _bump(self.tools, span.tool, sign)
        if span.agent is not None:
            _bump(self.agents, span.agent, sign)
        if span.model is not None:
            _bump(self.models, span.model, sign)
        if span.usage is not NO_USAGE and span.usage != NO_USAGE:
            _add_usage(self.usage, span.usage, sign)
            if span.model is not None:
                _add_usage(self.model_usage.setdefault(span.model, [0] * _BUCKETS), span.usage, sign)


def _bump(counts: dict[str, int], name: str, by: int) -> None:
    count = counts.get(name, 0) + by
    if count:
        counts[name] = count
    else:
        counts.pop(name, None)


def _add_usage(buckets: list[int], usage: Usage, sign: int) -> None:
    for place, tokens in enumerate(usage.counts):
        if tokens:
            buckets[place] += sign * tokens


def _usage(counts: list[int]) -> Usage:
    return Usage(**dict(zip(Usage.__struct_fields__, counts, strict=True))) if any(counts) else NO_USAGE


def _least(one: Nanoseconds | None, other: Nanoseconds | None) -> Nanoseconds | None:
    return other if one is None else one if other is None else min(one, other)


def _most(one: Nanoseconds | None, other: Nanoseconds | None) -> Nanoseconds | None:
    return other if one is None else one if other is None else max(one, other)
