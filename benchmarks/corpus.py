"""A corpus of agent sessions, the same for the same seed, on disk where processes can read it back.

What it is like, and what `Facts` counts so that the benchmark can print it:

* Spans carry 1.5 KB of contents on average; one content in five is exactly one that was there before: system
  prompts of agents, files read again, the same arguments.
* Sessions have 2 to 80 spans and 9 on average, so that a million spans are more than 100,000 sessions in the
  project that is queried. An agent span holds steps; a step holds a model call and the tools it asked for;
  some tools hold an HTTP request. The context of a session grows with each call by the last answer and the
  results, which are the contents the spans before hold already, and begins anew with a summary after
  150,000 tokens.
* A third of a million spans lie in a day, so a million span three days. In each of the four streams, one for
  each writing process, sessions begin at random (Poisson) and overlap; spans come in the order in which they
  end, hence children before their parents.
* Durations and sizes are log-normal; agents, models and tools are drawn by Zipf; 1.5 % of the calls fail.
"""

import heapq
import multiprocessing
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import msgspec

from agentreplay.model.batch import Batch
from agentreplay.model.content import Content
from agentreplay.model.ids import ContentHash, ProjectId, SessionId
from agentreplay.model.session import SessionKey
from agentreplay.model.span import SpanKey
from agentreplay.model.time import DAY, Nanoseconds
from agentreplay.model.values import decode, encode
from benchmarks.recording import Recording
from benchmarks.shapes import Ranked
from benchmarks.source import TENANT, Source

__all__ = [
    "PROJECT",
    "SPANS_A_DAY",
    "START",
    "STREAMS",
    "Corpus",
    "Facts",
    "Probe",
    "batches",
    "grouped",
    "one_session",
    "sessions",
]

PROJECT = ProjectId("default")
STREAMS = 4
START = Nanoseconds(1_740_960_000 * 1_000_000_000)
"""Monday, 3 March 2025, midnight UTC."""
SPANS_A_DAY = 333_334

_SIZES = Ranked((3, 5, 8, 14, 24, 60), (0.26, 0.26, 0.2, 0.19, 0.07, 0.02))
_MEAN_SIZE = 9.2
_PROBE_EVERY = 20
_SAMPLES = 1_000
_LENGTH_BYTES = 4
_HEXADECIMAL = re.compile(rb"\b[0-9a-f]{7,32}\b")


class Probe(msgspec.Struct, frozen=True):
    """A span to ask for later."""

    number: int
    """How many spans of its stream came before it."""
    key: SpanKey
    session: SessionKey
    kind: str
    name: str
    tool: str | None
    start: Nanoseconds
    attribute: tuple[str, str] | None
    word: str | None
    """A word of its text that stands in few others."""


class Facts(msgspec.Struct):
    """What was counted while a stream was made."""

    spans: int = 0
    sessions: int = 0
    queried_sessions: int = 0
    """Those in the project that is queried."""
    attributes: int = 0
    contents: int = 0
    content_bytes: int = 0
    repeated: int = 0
    repeated_bytes: int = 0
    errors: int = 0
    samples: list[bytes] = []
    probes: list[Probe] = []


@dataclass(frozen=True)
class Corpus:
    """The files of all streams, and what is in them."""

    folder: Path
    facts: tuple[Facts, ...]

    @classmethod
    def make(cls, folder: Path, spans: int) -> "Corpus":
        """Make all streams; needs about 2.5 KB of disk for each span."""
        folder.mkdir()
        each = spans // STREAMS
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(mp_context=context) as pool:
            tasks = [pool.submit(_write, folder / str(number), number, each) for number in range(STREAMS)]
            return cls(folder, tuple(task.result() for task in tasks))

    @property
    def streams(self) -> list[Path]:
        """A file for each stream."""
        return [self.folder / str(number) for number in range(len(self.facts))]

    def sum(self, name: str) -> int:
        """One of the counts, over all streams."""
        return sum(getattr(facts, name) for facts in self.facts)

    def probes(self, spans: int) -> list[Probe]:
        """Those among the first so many spans, in no particular order."""
        found = [probe for facts in self.facts for probe in facts.probes if probe.number < spans // STREAMS]
        Random("probes").shuffle(found)
        return found


def batches(stream: Path, limit: int | None = None) -> Iterator[Batch]:
    """The batches of a stream, each of one span with what belongs to it."""
    with stream.open("rb") as file:
        for _ in range(limit) if limit is not None else iter(int, 1):
            head = file.read(_LENGTH_BYTES)
            if not head:
                return
            yield decode(file.read(int.from_bytes(head)), Batch)


def grouped(small: Iterator[Batch], size: int) -> Iterator[Batch]:
    """Several batches as one."""
    while group := list(islice(small, size)):
        yield Batch(
            sessions=tuple(session for batch in group for session in batch.sessions),
            spans=tuple(span for batch in group for span in batch.spans),
            contents=tuple(content for batch in group for content in batch.contents),
            links=tuple(link for batch in group for link in batch.links),
        )


def one_session(spans: int) -> Iterator[Batch]:
    """A single long session, in batches of one span."""
    return (batch for _, batch in Recording(Source(STREAMS, spans), START, spans).made)


def sessions(source: Source, spans: int) -> Iterator[Batch]:
    """Sessions that begin at random, span by span in the order in which they end."""
    number, begin = 0, float(START)
    waiting: list[tuple[Nanoseconds, int, Batch]] = []
    while spans > 0:
        begin += source.random.expovariate(SPANS_A_DAY / STREAMS / _MEAN_SIZE) * DAY
        while waiting and waiting[0][0] < begin:
            yield heapq.heappop(waiting)[2]
        size = min(spans, round(_SIZES.draw(source.random) * source.random.uniform(0.7, 1.3)))
        for end, batch in Recording(source, Nanoseconds(int(begin)), size).made:
            heapq.heappush(waiting, (end, number, batch))
            number += 1
        spans -= size
    while waiting:
        yield heapq.heappop(waiting)[2]


def _write(path: Path, number: int, spans: int) -> Facts:
    facts = Facts()
    known: set[ContentHash] = set()
    told: set[SessionId] = set()
    with path.open("wb") as file:
        for batch in sessions(Source(number, spans), spans):
            frame = encode(batch)
            file.write(len(frame).to_bytes(_LENGTH_BYTES) + frame)
            _count(facts, batch, known)
            for session in batch.sessions:
                if session.id not in told:
                    told.add(session.id)
                    facts.queried_sessions += session.project == PROJECT
    facts.sessions = len(told)
    return facts


def _count(facts: Facts, batch: Batch, known: set[ContentHash]) -> None:
    (span,) = batch.spans
    if facts.spans % _PROBE_EVERY == 0 and span.project == PROJECT:
        facts.probes.append(_probe(facts.spans, batch))
    facts.spans += 1
    facts.attributes += len(span.attributes)
    facts.errors += span.status == "error"
    for content in batch.contents:
        facts.contents += 1
        facts.content_bytes += len(content.data)
        if content.hash in known:
            facts.repeated += 1
            facts.repeated_bytes += len(content.data)
            continue
        known.add(content.hash)
        if len(facts.samples) < _SAMPLES and len(known) % 17 == 0:
            facts.samples.append(content.data)


def _probe(number: int, batch: Batch) -> Probe:
    (span,) = batch.spans
    texts = [(key, value) for key, value in span.attributes.items() if isinstance(value, str)]
    return Probe(
        number=number,
        key=span.key,
        session=SessionKey(TENANT, span.project, span.session),
        kind=span.kind,
        name=span.name,
        tool=span.tool,
        start=span.start,
        attribute=texts[number // _PROBE_EVERY % len(texts)] if texts else None,
        word=_rare_word(batch.contents),
    )


def _rare_word(contents: tuple[Content, ...]) -> str | None:
    """A number in hexadecimal is as good as unique."""
    for content in contents:
        for word in _HEXADECIMAL.findall(content.data):
            if not word.isalpha() and not word.isdigit():
                return str(word, "ascii")
    return None
