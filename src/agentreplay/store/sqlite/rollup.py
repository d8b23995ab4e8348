"""What spans add to the measures and to the summaries of their sessions."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Protocol

from agentreplay.model.session import Summary
from agentreplay.model.sketch import Distinct, Quantiles, hash64
from agentreplay.model.span import STATUSES
from agentreplay.model.time import DAY, HOUR, MINUTE, Nanoseconds
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import decoder, encode
from agentreplay.store.sqlite.prepared import PreparedSpan, Rollup

__all__ = [
    "ANY",
    "WIDTHS",
    "AnyWord",
    "Numbers",
    "SameNumber",
    "Texts",
    "add_counts",
    "from_wide",
    "gather",
    "session_text",
    "to_wide",
]

WIDTHS = (MINUTE, HOUR, DAY)
"""The grains, by number."""

_LARGEST = (1 << 63) - 1
ANY = -1
"""Stands for every value of a dimension, in hours and days: see `_families`."""

_ERROR = STATUSES.index("error")
_FIELDS = Usage.__struct_fields__
_counts = decoder(list[int])


class Texts(Protocol):
    """Texts by number; a list of them, or what stands for one."""

    def __getitem__(self, number: int, /) -> str:
        """The text with this number."""
        ...


class Numbers(Protocol):
    """Numbers of the store by the numbers in a rollup."""

    def __getitem__(self, number: Any, /) -> int:
        """The store's number."""
        ...


class AnyWord:
    """Stands for texts where only numbers matter."""

    def __getitem__(self, number: int, /) -> str:
        """No text."""
        return ""


class SameNumber:
    """Stands for numbers where a rollup has the store's own already."""

    def __getitem__(self, number: int | None, /) -> int:
        """The number itself, and 0 for none."""
        return number or 0


class _Cell:
    """A rollup being counted."""

    __slots__ = ("bins", "cost", "duration", "errors", "sessions", "spans", "usage")

    def __init__(self) -> None:
        self.spans = self.errors = self.duration = self.cost = 0
        self.bins: dict[int, int] = {}
        self.sessions: set[bytes] = set()
        self.usage: list[int] | None = None

    def add(self, other: "_Cell") -> None:
        if not self.spans:
            self.bins, self.sessions = other.bins.copy(), other.sessions.copy()
        else:
            bins = self.bins
            for where, count in other.bins.items():
                bins[where] = bins.get(where, 0) + count
            self.sessions |= other.sessions
        self.spans += other.spans
        self.errors += other.errors
        self.duration += other.duration
        self.cost += other.cost
        if other.usage is not None:
            self.usage = add_counts(self.usage, other.usage)


class _Sum:
    """The summary of one session being counted, with numbers for words."""

    __slots__ = ("agents", "cost", "errors", "first", "iterations", "kinds", "last", "model_usage", "models", "open",
                 "root_errors", "spans", "tools", "usage")  # fmt: skip

    def __init__(self, start: int) -> None:
        self.spans = self.open = self.errors = self.root_errors = self.iterations = self.cost = 0
        self.first = self.last = start
        self.kinds: dict[int, int] = {}
        self.tools: dict[int, int] = {}
        self.models: dict[int, int] = {}
        self.agents: dict[int, int] = {}
        self.usage: list[int] | None = None
        self.model_usage: dict[int, list[int]] = {}


_Dimensions = tuple[int, int, int, int | None, int | None, int | None, int | None]


def gather(
    words: Texts, sessions: Mapping[int, str] | Sequence[str], spans: Iterable[PreparedSpan]
) -> tuple[list[tuple[int, Summary]], list[Rollup]]:
    """Summaries by session, and rollups of the finished spans for every grain."""
    sums: dict[int, _Sum] = {}
    cells: dict[tuple[_Dimensions, int], _Cell] = {}
    entries: dict[int, bytes] = {}
    bin_of = Quantiles.bin_of
    for span in spans:
        (
            project, session, _, _, _, _, start, end, status, kind, _, agent, model, provider, tool, _, cost, usage,
            _, _, _, _, _, _, _, _, _,
        ) = span  # fmt: skip
        counts = _counts(usage) if usage is not None else None
        total = sums.get(session)
        if total is None:
            total = sums[session] = _Sum(start)
            entries[session] = Distinct.entry_of(hash64(sessions[session]))
        _count(total, span, counts)
        if end is None:
            continue
        key = ((project, kind, status, agent, model, provider, tool), start // MINUTE)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = _Cell()
        took = end - start if end > start else 0
        cell.spans += 1
        cell.errors += status == _ERROR
        cell.duration += took
        where = bin_of(took)
        cell.bins[where] = cell.bins.get(where, 0) + 1
        cell.sessions.add(entries[session])
        if cost:
            cell.cost += cost
        if counts is not None:
            cell.usage = add_counts(cell.usage, counts)
    return [(session, _summary(total, words)) for session, total in sums.items()], _rollups(cells)


def session_text(tenant: str, project: str, key: str) -> str:
    """What a session is told apart by among the sessions of all projects."""
    return f"{tenant}\x1f{project}\x1f{key}"


def to_wide(value: int) -> int | str:
    """A sum for its column: decimal text where 64 bits do not hold it."""
    return value if -_LARGEST <= value <= _LARGEST else str(value)


def from_wide(value: int | str) -> int:
    """A sum from its column."""
    return int(value)


def add_counts(counts: list[int] | None, more: Sequence[int]) -> list[int]:
    """Token counts added bucket by bucket; the missing ones are 0."""
    if counts is None:
        return list(more)
    counts += [0] * (len(more) - len(counts))
    for place, count in enumerate(more):
        counts[place] += count
    return counts


def _count(total: _Sum, span: PreparedSpan, counts: Sequence[int] | None) -> None:  # noqa: C901 - runs for each span
    (
        _, _, _, _, parent, _, start, end, status, kind, _, agent, model, _, tool, iteration, cost,
        _, _, _, _, _, _, _, _, _, _,
    ) = span  # fmt: skip
    total.spans += 1
    if end is None:
        total.open += 1
        end = start
    if status == _ERROR:
        total.errors += 1
        if parent is None:
            total.root_errors += 1
    total.first = min(total.first, start)
    total.last = max(total.last, start, end)
    if iteration is not None and iteration > total.iterations:
        total.iterations = iteration
    if cost:
        total.cost += cost
    total.kinds[kind] = total.kinds.get(kind, 0) + 1
    if tool is not None:
        total.tools[tool] = total.tools.get(tool, 0) + 1
    if agent is not None:
        total.agents[agent] = total.agents.get(agent, 0) + 1
    if model is not None:
        total.models[model] = total.models.get(model, 0) + 1
    if counts is not None:
        total.usage = add_counts(total.usage, counts)
        if model is not None:
            total.model_usage[model] = add_counts(total.model_usage.get(model), counts)


def _rollups(minutes: dict[tuple[_Dimensions, int], _Cell]) -> list[Rollup]:
    hours = _widened(minutes, 1)
    for (dimensions, hour), cell in list(hours.items()):
        for family in _families(dimensions):
            _cell(hours, (family, hour)).add(cell)
    grains = (minutes, hours, _widened(hours, 2))
    return [
        _rollup(dimensions, grain, bucket, cell)
        for grain, cells in enumerate(grains)
        for (dimensions, bucket), cell in cells.items()
    ]


def _widened(cells: dict[tuple[_Dimensions, int], _Cell], grain: int) -> dict[tuple[_Dimensions, int], _Cell]:
    """The cells of a grain, from those of the next finer one."""
    finer = WIDTHS[grain] // WIDTHS[grain - 1]
    wide: dict[tuple[_Dimensions, int], _Cell] = {}
    for (dimensions, bucket), cell in cells.items():
        _cell(wide, (dimensions, bucket // finer)).add(cell)
    return wide


def _families(dimensions: _Dimensions) -> Iterator[_Dimensions]:
    """All values together, and each value of each dimension whatever the others are."""
    project, *values = dimensions
    for kept in range(-1, len(values)):
        yield (project, *[value if place == kept else ANY for place, value in enumerate(values)])  # type: ignore[misc]


def _cell(cells: dict[tuple[_Dimensions, int], _Cell], key: tuple[_Dimensions, int]) -> _Cell:
    cell = cells.get(key)
    if cell is None:
        cell = cells[key] = _Cell()
    return cell


# Made for every second span: the constructor of a NamedTuple goes through a function of Python.
_new_rollup: Callable[[tuple[Any, ...]], Rollup] = partial(tuple.__new__, Rollup)


def _rollup(dimensions: _Dimensions, grain: int, bucket: int, cell: _Cell) -> Rollup:
    project, kind, status, agent, model, provider, tool = dimensions
    return _new_rollup((
        project, grain, bucket, kind, status, agent, model, provider, tool, cell.spans, cell.errors,
        to_wide(cell.duration), to_wide(cell.cost), encode(cell.usage) if cell.usage is not None else None,
        Quantiles.of_bins(cell.bins).to_bytes() if cell.spans > 1 else _quantiles_of_one(*cell.bins),
        Distinct.bytes_of(cell.sessions),
    ))  # fmt: skip


@lru_cache
def _quantiles_of_one(where: int) -> bytes:
    """Those of one span: most minutes have one of each combination."""
    return Quantiles.of_bins({where: 1}).to_bytes()


def _summary(total: _Sum, words: Texts) -> Summary:
    def named(counts: dict[int, int]) -> dict[str, int]:
        return {words[word]: count for word, count in counts.items()}

    return Summary(
        spans=total.spans,
        open=total.open,
        errors=total.errors,
        iterations=total.iterations,
        first=Nanoseconds(total.first),
        last=Nanoseconds(total.last),
        usage=_usage(total.usage),
        cost=NanoDollars(total.cost),
        kinds=named(total.kinds),
        tools=named(total.tools),
        models=named(total.models),
        agents=named(total.agents),
        model_usage={words[word]: _usage(counts) for word, counts in total.model_usage.items()},
        root_errors=total.root_errors,
    )


def _usage(counts: list[int] | None) -> Usage:
    return NO_USAGE if not counts else Usage(**dict(zip(_FIELDS, counts, strict=False)))
