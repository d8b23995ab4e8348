"""The context benchmark: what conversations take in the store, compared with what was sent.

A conversation of 200 calls grows to 150,000 tokens, as it is, with a marker that moves along, compacted after
120 calls or after 200 and then grown full again, and twenty times by agents that have their system prompt
and tools in common. It is recorded as the SDK records it: each call appends one batch with all its messages
taken apart, the links between them, and the span. Once it is `told` as telemetry tells it, whose spans have all
that was sent and answered among their attributes.

Stored is what the tables of contents and contexts grow by in whole pages with all their indexes, and where
attributes tell it the table of these, in a store that holds other sessions already; the answer of a call is the
message that the next call sends. The rows of spans and full text do not count: `context.*.whole_store` and the
store benchmark show them. That is compared with

* its distinct messages and the tools, each compressed alone with zstd at level 3,
* the payloads of all calls, each compressed as a whole, and
* the same payloads as they are.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from agentreplay.contents.messages import join, split
from agentreplay.core.ingest import KIND, VERSION, Request, payload_of
from agentreplay.model.batch import Batch
from agentreplay.model.content import Content, Kept
from agentreplay.model.context import ContextRef
from agentreplay.model.ids import ContentHash, ProjectId, SessionId, SpanId, TraceId, new_session_id
from agentreplay.model.span import Span, SpanKey
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.usage import Usage
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store
from benchmarks.conversation import BYTES_A_TOKEN, CALLS, Call, Conversation, Message, to_json
from benchmarks.corpus import START, grouped, sessions
from benchmarks.disk import measure_disk
from benchmarks.figures import Report, at_least, at_most
from benchmarks.packing import packed_size
from benchmarks.shapes import MODELS, SCOPE, TOOLS
from benchmarks.source import TENANT, Source

__all__ = ["measure_context"]

_SUB_AGENTS = 20
_COMPACTED_AFTER = 120
_OTHERS = 5_000
_CHECK_EVERY = 50
_MODEL = MODELS.items[0]

Calls = Callable[[], Iterator[Call]]


class _Growth(NamedTuple):
    """What recording added to a store, in bytes."""

    tables: dict[str, int]
    """By table with its indexes, without full text."""
    contents: int
    """The contents alone, as they were compressed."""


class _Sent:
    """What was sent and answered in all calls."""

    def __init__(self, tools: list[Message]) -> None:
        self.raw = 0
        self.compressed = 0
        self.distinct = 0
        """The distinct messages and the tools, each compressed alone."""
        self._tools = to_json(tools)
        self._known: set[bytes] = set()
        self._encoded: dict[int, tuple[Message, bytes]] = {}
        self._add_distinct(self._tools)

    def add(self, call: Call) -> None:
        """Count what one call sends, in the order of a request, and its answer."""
        messages = b",".join(map(self._encode, call.messages))
        head = to_json({"model": _MODEL.name, "max_tokens": 8192})[:-1]
        payload = b'%b,"messages":[%b],"tools":%b}' % (head, messages, self._tools)
        answer = to_json({"model": _MODEL.name, "message": call.answer})
        self.raw += len(payload) + len(answer)
        self.compressed += packed_size(payload) + packed_size(answer)
        self._encode(call.answer)

    def _encode(self, message: Message) -> bytes:
        """A message is sent again and again as the same object; it is encoded and counted once."""
        if id(message) not in self._encoded:
            data = to_json(message)
            self._encoded[id(message)] = message, data
            # A marker is not part of the message: it says where the provider's cache ends.
            self._add_distinct(data.replace(b',"cache_control":{"type":"ephemeral"}', b""))
        return self._encoded[id(message)][1]

    def _add_distinct(self, data: bytes) -> None:
        if data not in self._known:
            self._known.add(data)
            self.distinct += packed_size(data)


def measure_context(folder: Path, report: Report) -> None:
    """Measure everything and report it; the folder is empty again when this returns."""
    source = Source(0, 20_000)
    system = source.prose.passage(6_000)
    tools = _tools(source)
    _make_store(folder / "others")

    def alone(**how: bool | int) -> Iterator[Call]:
        return Conversation(Source(1, 20_000), system, **how).calls()  # type: ignore[arg-type]

    scenes: dict[str, Calls] = {
        "growing": alone,
        "marked": partial(alone, marked=True),
        "compacted": partial(alone, compacted=_COMPACTED_AFTER),
        "compacted_and_full_again": partial(alone, calls=2 * CALLS, compacted=CALLS),
        "sub_agents": partial(_sub_agents, system),
        "told": alone,
    }
    for name, calls in scenes.items():
        sent = _Sent(tools)
        for call in calls():
            sent.add(call)
        report.add(f"context.{name}.raw", sent.raw, "bytes")
        report.add(f"context.{name}.compressed_calls", sent.compressed, "bytes")
        report.add(f"context.{name}.distinct_messages", sent.distinct, "bytes")
        for at_once in (True, False) if name != "sub_agents" else (True,):
            shutil.copytree(folder / "others", folder / "store")
            recorder = (_Telling if name == "told" else _Recorder)(folder / "store", tools)
            grown = _record(recorder, calls(), at_once=at_once)
            shutil.rmtree(folder / "store")
            how = "drained_once" if at_once else "drained_each_call"
            _report(report, f"context.{name}.{how}", sent, grown, recorder.tables)
    shutil.rmtree(folder / "others")


def _report(report: Report, name: str, sent: _Sent, grown: _Growth, counted: Sequence[str]) -> None:
    stored = sum(grown.tables.get(table, 0) for table in counted)
    report.add(f"{name}.stored", stored, "bytes")
    # Telemetry tells an answer as a list, which is a content beside the message that the next call sends.
    is_told = name.startswith("context.told.")
    report.add(f"{name}.of_distinct_messages", stored / sent.distinct, "x", at_most(1.5 if is_told else 1.2))
    # How much there is to save grows with the square of the calls since the history began. Where it begins anew in
    # mid-session it never grows to the size that these budgets are about: that is compacted_and_full_again.
    is_full = not is_told and not name.startswith("context.compacted.")
    compressed, raw = sent.compressed / stored, sent.raw / stored
    report.add(f"{name}.less_than_compressed", compressed, "x less", at_least(50) if is_full else None)
    report.add(f"{name}.less_than_raw", raw, "x less", at_least(200) if is_full else None)
    report.add(f"{name}.compressed_contents", grown.contents / sent.distinct, "x")
    report.add(f"{name}.whole_store", sum(grown.tables.values()), "bytes")


def _sub_agents(system: str) -> Iterator[Call]:
    """Calls of many agents in turn, which have the system prompt and the tools in common."""
    numbers = range(1, _SUB_AGENTS + 1)
    agents = [Conversation(Source(number, 20_000), system) for number in numbers]
    return chain.from_iterable(zip(*(agent.calls() for agent in agents), strict=True))


def _tools(source: Source) -> list[Message]:
    return [
        {
            "name": tool.name,
            "description": source.prose.passage(350),
            "input_schema": {
                "type": "object",
                "properties": {
                    source.prose.line(8): {"type": "string", "description": source.prose.line(60)} for _ in range(3)
                },
            },
        }
        for tool in TOOLS.items
    ]


def _make_store(folder: Path) -> None:
    """A store with sessions of others, so that growing does not begin with half empty pages."""
    writer = JournalWriter(folder)
    for batch in grouped(sessions(Source(0, 20_000), _OTHERS), 500):
        writer.append(batch)
    writer.close()
    store = open_store(str(folder))
    _drain(store)
    store.close()


def _record(recorder: "_Recorder", calls: Iterator[Call], *, at_once: bool) -> _Growth:
    """Record the calls."""
    folder = recorder.folder
    before = measure_disk(folder)
    for number, call in enumerate(calls, 1):
        recorder.record(call, check=number % _CHECK_EVERY == 0)
        if not at_once:
            _drain(recorder.store)
    contents = recorder.close()
    after = measure_disk(folder)
    tables = {name: size - before.tables.get(name, 0) for name, size in after.tables.items()}
    return _Growth(tables, contents)


def _drain(store: Store) -> None:
    while store.drain().bytes:
        pass


class _Recorder:
    """Appends calls as the SDK does, and reads some of them back."""

    tables: tuple[str, ...] = ("content", "block", "holding", "link", "waiting")
    """Those that count."""

    def __init__(self, folder: Path, tools: list[Message]) -> None:
        self.folder = folder
        self.store = open_store(str(folder))
        self._stored_before = self.store.statistics().stored_bytes
        self._writer = JournalWriter(folder)
        self._source = Source(99, 20_000)
        self._tools = Content.of(to_json(tools))
        self._now = START
        self._session: SessionId = new_session_id(START, self._source.random.randbytes(10))
        self._trace = TraceId(self._source.shapes.hexadecimal(32))
        self._checks: list[tuple[ContextRef, list[Message]]] = []

    def record(self, call: Call, *, check: bool) -> None:
        conversation = split(call.messages)
        (answer,) = split([call.answer]).contents
        size = sum(len(content.data) for content in conversation.contents)
        usage = Usage(input=size // BYTES_A_TOKEN, output=len(answer.data) // BYTES_A_TOKEN)
        begun, self._now = self._now, Nanoseconds(self._now + 5 * SECOND)
        span = Span(
            tenant=TENANT,
            project=ProjectId("default"),
            session=self._session,
            trace_id=self._trace,
            span_id=SpanId(self._source.shapes.hexadecimal(16)),
            kind="llm",
            name=f"chat {_MODEL.name}",
            start=begun,
            end=self._now,
            status="ok",
            agent="coder",
            model=_MODEL.name,
            provider=_MODEL.provider,
            usage=usage,
            cost=_MODEL.cost(usage),
            attributes=self._source.shapes.llm(_MODEL, usage, answered=True),
            kept=(Kept(role="tools", hash=self._tools.hash), Kept(role="answer", hash=answer.hash)),
            context=conversation.ref,
            scope=SCOPE,
        )
        contents = (*conversation.contents, self._tools, answer)
        self._append(Batch(spans=(span,), contents=contents, links=conversation.links), call)
        if check and conversation.ref is not None:
            self._checks.append((conversation.ref, call.messages))

    def _append(self, batch: Batch, call: Call) -> None:
        del call
        self._writer.append(batch)

    def close(self) -> int:
        """Make all visible, and make sure that what was recorded is what was sent.

        Returns how many bytes of compressed contents came in.
        """
        self._writer.close()
        _drain(self.store)
        assert self._checks
        for ref, messages in self._checks:
            links = self.store.contexts.read(TENANT, ref.id)
            assert join(ref, links, self._bytes) == messages, "a context came back changed"
        grown = self.store.statistics().stored_bytes - self._stored_before
        self.store.close()
        return grown

    def _bytes(self, content: ContentHash) -> bytes:
        found: Content | None = self.store.contents.get(TENANT, content)
        assert found is not None, "a content is missing"
        return found.data


class _Telling(_Recorder):
    """Appends calls as telemetry tells them, and reads some of them back."""

    tables = (*_Recorder.tables, "body")

    def __init__(self, folder: Path, tools: list[Message]) -> None:
        super().__init__(folder, tools)
        self._told: list[tuple[SpanKey, dict[str, str]]] = []

    def _append(self, batch: Batch, call: Call) -> None:
        (span,) = batch.spans
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": _MODEL.name,
            "gen_ai.tool.definitions": self._tools.data.decode(),
            "gen_ai.input.messages": json.dumps(call.messages),
            "gen_ai.output.messages": json.dumps([call.answer]),
        }
        request = trace_service_pb2.ExportTraceServiceRequest()
        told = (
            request.resource_spans.add()
            .scope_spans.add()
            .spans.add(
                trace_id=bytes.fromhex(span.trace_id),
                span_id=bytes.fromhex(span.span_id),
                name=span.name,
                start_time_unix_nano=span.start,
                end_time_unix_nano=span.end,
            )
        )
        for key, value in attributes.items():
            told.attributes.add(key=key).value.string_value = value
        payload = payload_of(
            Request(
                tenant=TENANT,
                project=span.project,
                signal="traces",
                encoding="protobuf",
                received=span.start,
                content="full",  # some names in the text are random enough to be taken for secrets
                body=request.SerializeToString(),
            )
        )
        self._writer.append_payloads(KIND, VERSION, [payload])
        self._told.append((span.key, attributes))

    def close(self) -> int:
        self._writer.close()
        _drain(self.store)
        for key, attributes in self._told[::_CHECK_EVERY]:
            found = self.store.spans.get(key)
            assert found is not None, "a span is missing"
            assert found.attributes == attributes, "an attribute came back changed"
        return super().close()
