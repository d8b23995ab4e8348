"""What the second half of indexing has in hand: rows on their way into the store, and what the store knows of them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from agentreplay.model.span import PROVISIONAL, weight_of
from agentreplay.model.witness import WITNESS
from agentreplay.store.sqlite.prepared import Prepared, PreparedSpan
from agentreplay.store.sqlite.rows import pack_held, unpack_shape

__all__ = ["Known", "Rows", "Work"]


class Known(NamedTuple):
    """A stored span that is told again."""

    number: int
    session: int
    columns: tuple[Any, ...]
    """From told_seq to shape, as `Work.columns` makes them of what is told."""
    context: int | None
    held: bytes | None
    body: bytes
    names: bytes | None
    """Of its attributes."""
    follows: bool
    """Whether it names no session itself."""
    repeats: int
    """What it told that another span tells too."""

    @property
    def is_open(self) -> bool:
        """Whether it may still change."""
        return self.columns[3] is None

    @property
    def weight(self) -> int:
        """How much it counts beside what is told of it now."""
        return weight_of(is_closed=not self.is_open, is_provisional=PROVISIONAL in unpack_shape(self.names))


class Rows(NamedTuple):
    """What is written of spans, each with its position."""

    spans: list[tuple[Any, ...]]
    bodies: list[tuple[int, bytes]]
    attributes: list[tuple[int, str]]
    """The words of those that have any."""


@dataclass
class Work:
    """One Prepared on its way into the store: its own numbers, and the store's."""

    prepared: Prepared
    words: list[int]
    bags: list[int]
    projects: list[int]
    sessions: list[int]
    session_stored: list[bool]
    traces: list[int]
    trace_stored: list[bool]
    position: int
    conflicts: int = 0
    doubtful: list[tuple[PreparedSpan, Known]] = field(default_factory=list[tuple[PreparedSpan, Known]])
    """Spans that may contradict what is stored of them."""
    fresh: list[PreparedSpan] = field(default_factory=list[PreparedSpan])
    replaced: list[tuple[PreparedSpan, Known]] = field(default_factory=list[tuple[PreparedSpan, Known]])
    arrived: dict[int, PreparedSpan] = field(default_factory=dict[int, PreparedSpan])
    """The new and the replaced ones by their places in `prepared.spans`."""
    contents: list[int] = field(default_factory=list[int])
    links: list[int] = field(default_factory=list[int])
    is_led: bool = False
    """Whether spans arrive otherwise than those who prepared them could know."""
    repeats: dict[int, int] = field(default_factory=dict[int, int])
    """Stored spans by number, and what they tell that is told again by what arrived."""
    moves: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Traces whose session changed, and what it is now: what is stored of them and names none follows."""

    def __post_init__(self) -> None:
        self.word: dict[int | None, int | None] = {None: None, **dict(enumerate(self.words))}
        self.bag: dict[int | None, int | None] = {None: None, **dict(enumerate(self.bags))}
        self._places: dict[tuple[int, str], int] = {}

    @cached_property
    def _provisional(self) -> set[int]:
        """The shapes of spans that are told for the time being."""
        shapes = [(number, data) for number, (shape, data) in enumerate(self.prepared.bags) if shape is None]
        return {number for number, data in shapes if PROVISIONAL in unpack_shape(data)}

    @cached_property
    def witnessed(self) -> dict[int | None, list[str]]:
        """The shapes of spans that a witness tells of, with the names of their attributes."""
        bags = enumerate(self.prepared.bags)
        shapes = [(number, unpack_shape(data)) for number, (shape, data) in bags if shape is None]
        return {number: names for number, names in shapes if WITNESS in names}

    def is_provisional(self, span: PreparedSpan) -> bool:
        """Whether a span that arrives is told for the time being."""
        return span.shape in self._provisional

    def weight(self, span: PreparedSpan) -> int:
        """How much a span that arrives counts beside what is stored of it."""
        return weight_of(is_closed=span.end is not None, is_provisional=self.is_provisional(span))

    def columns(self, span: PreparedSpan) -> tuple[Any, ...]:
        """The columns told_seq to shape of a span that arrives."""
        word, bag = self.word, self.bag
        (
            _, _, _, _, parent, told_seq, start, end, status, kind, name, agent, model, provider, tool, iteration,
            cost, usage, resource, scope, shape, _, _, _, _, _, _,
        ) = span  # fmt: skip
        return (
            told_seq, parent, start, end, status, word[kind], word[name], word[agent], word[model], word[provider],
            word[tool], iteration, cost, usage, bag[resource], bag[scope], bag[shape],
        )  # fmt: skip

    def rows(self, seqs: dict[int, int]) -> Rows:
        """What is to be written of the spans that arrived, whose places in their sessions are given."""
        contents, links, columns = self.contents, self.links, self.columns
        projects, sessions, traces, position = self.projects, self.sessions, self.traces, self.position
        rows = Rows([], [], [])
        for place, span in self.arrived.items():
            position += 1
            rows.spans.append((
                position, projects[span.project], sessions[span.session], traces[span.trace], span.span_id,
                seqs[place], *columns(span), None if span.context is None else links[span.context],
                pack_held([contents[content] for content in span.held]) if span.held else None,
                int(span.follows), span.repeats,
            ))  # fmt: skip
            rows.bodies.append((position, span.body))
            if span.attributes:
                rows.attributes.append((position, span.attributes))
        self.position = position
        return rows

    def place_of_word(self, number: int, text: str) -> int:
        """The place of a stored word among those of the Prepared, where it gets one if it has none."""
        if number not in self.words:
            self.word[len(self.words)] = number
            self.words.append(number)
            self.prepared.words.append(text)
        return self.words.index(number)

    def place_of_bag(self, number: int | None, names: bytes | None = None) -> int | None:
        """Likewise of a stored bag: of the names of attributes, which are told packed, or of a resource or a scope."""
        if number is None:
            return None
        if number not in self.bags:
            place = len(self.bags)
            self.bag[place] = number
            self.bags.append(number)
            # What a map says is needed no more.
            self.prepared.bags.append((place, b"") if names is None else (None, names))
        return self.bags.index(number)

    def place_of_hash(self, tenant: int, digest: bytes) -> int:
        """Likewise of a content that is stored."""
        return _place_of((tenant, digest), self.prepared.hashes, self._hashes)

    def place_of_context(self, tenant: int, key: bytes) -> int:
        """Likewise of a context."""
        return _place_of((tenant, key), self.prepared.contexts, self._contexts)

    @cached_property
    def _hashes(self) -> dict[tuple[int, bytes], int]:
        return {name: place for place, name in enumerate(self.prepared.hashes)}

    @cached_property
    def _contexts(self) -> dict[tuple[int, bytes], int]:
        return {name: place for place, name in enumerate(self.prepared.contexts)}

    def replace(self, led: dict[int, PreparedSpan]) -> None:
        """Let spans arrive otherwise than they were prepared, by their places."""
        if not led:
            return
        now = {id(self.arrived[place]): span for place, span in led.items()}
        self.arrived.update(led)
        self.fresh = [now.get(id(span), span) for span in self.fresh]
        self.replaced = [(now.get(id(span), span), found) for span, found in self.replaced]

    def place_of(self, project: int, name: str, number: int) -> int:
        """The place of a stored session among those of the Prepared, where it gets one if it has none."""
        key = (project, name)
        if key not in self._places:
            self._places = {key: place for place, key in enumerate(self.prepared.sessions)}
        if key not in self._places:
            self._places[key] = len(self.sessions)
            self.prepared.sessions.append(key)
            self.sessions.append(number)
            self.session_stored.append(True)
        return self._places[key]


def _place_of(name: tuple[int, bytes], names: list[tuple[int, bytes]], places: dict[tuple[int, bytes], int]) -> int:
    if name not in places:
        places[name] = len(names)
        names.append(name)
    return places[name]
