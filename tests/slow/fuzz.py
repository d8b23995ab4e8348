"""Lets a fuzzer that watches which code is reached look for bytes that break what reads them.

`python -m tests.slow.fuzz TARGET FOLDER` tries so many inputs, or for so many seconds, and ends with another code than
0 where one raised what the target does not promise; the input is then in the folder. They are the same every time,
as far as the time allows.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

# There is none for every platform, and it has no types.
atheris: Any = import_module("atheris")

WATCHED = ["agentreplay.intake", "agentreplay.core", "agentreplay.playback", "agentreplay.server.gate"]

with atheris.instrument_imports(include=WATCHED):
    from agentreplay.core.filter import session_filter, span_filter
    from agentreplay.core.ingest import Request, batch_of_request, payload_of
    from agentreplay.core.submit import read_submission, submit
    from agentreplay.core.transfer import add_tape, tape_of
    from agentreplay.errors import AgentReplayError
    from agentreplay.intake.otlp.coding import undo
    from agentreplay.intake.otlp.reading import check
    from agentreplay.intake.otlp.wire import Encoding, Signal
    from agentreplay.model.content import Content
    from agentreplay.model.ids import ProjectId, TenantId
    from agentreplay.model.query import SessionFilter, SpanFilter
    from agentreplay.model.time import Nanoseconds
    from agentreplay.server.asgi import Message
    from agentreplay.server.figures import Figures
    from agentreplay.server.files import served
    from agentreplay.server.gate import Gate
    from agentreplay.server.keys import KeyCheck
    from agentreplay.settings import Settings
    from agentreplay.store.memory import MemoryStore
    from agentreplay.testing import Maker, batch_of
    from tests.golden.otlp.reading import CAPTURES

__all__ = ["TARGETS", "main"]

TENANT, PROJECT = TenantId("local"), ProjectId("default")
RUNS, SECONDS = 30_000, 9
"""Whichever comes first."""
LONGEST = 4_096
SIGNALS: tuple[Signal, ...] = ("traces", "logs", "metrics")
ENCODINGS: tuple[Encoding, ...] = ("protobuf", "json")
CODINGS = ("gzip", "deflate", "zstd", "identity", "br")
MOST_UNPACKED = 1 << 20
NAMES = ("host", "origin", "authorization", "x-api-key", "range", "if-none-match", "if-range", "traceparent")
LOOP = asyncio.new_event_loop()
PAGE = Content.of(b"a page" * 100, "text/plain")


class Target(NamedTuple):
    """What is fed, and what it is fed first."""

    feed: Callable[[bytes], object]
    seeds: Callable[[], Iterator[bytes]]


def otlp(data: bytes) -> None:
    """What is acknowledged when it comes in can be read when it is indexed, all of it."""
    signal, encoding = SIGNALS[data[0] % len(SIGNALS)], ENCODINGS[data[0] // 16 % len(ENCODINGS)]
    body = data[1:]
    checked = check(signal, encoding, body)
    request = Request(
        tenant=TENANT, project=PROJECT, signal=signal, encoding=encoding, received=Nanoseconds(1), body=body
    )
    try:
        found = batch_of_request(payload_of(request))
    except AgentReplayError as error:
        raise RuntimeError("what was acknowledged cannot be read") from error
    assert len(found.spans) == checked.kept


def otlp_seeds() -> Iterator[bytes]:
    for path in sorted(CAPTURES.glob("*/*.pb")):
        yield bytes([SIGNALS.index(path.suffixes[0][1:])]) + path.read_bytes()
    yield b'\x10{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"%016x","name":"a",' % (1, 1) + (
        b'"startTimeUnixNano":"1","endTimeUnixNano":2,"attributes":[{"key":"gen_ai.system","value":{"stringValue":"openai"}'
        b'},{"key":"n","value":{"intValue":"7"}},{"key":"x","value":{"arrayValue":{"values":[{"doubleValue":1}]}}}]}]}]}]}'
    )
    yield b'\x11{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":{"stringValue":"a"}}]}]}]}'
    yield (
        b'\x12{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[{"timeUnixNano":"1",'
        b'"asInt":"3","attributes":[{"key":"session.id","value":{"stringValue":"s"}}]}]}}]}]}]}'
    )


def coding(data: bytes) -> None:
    assert len(undo(CODINGS[data[0] % len(CODINGS)], data[1:], MOST_UNPACKED)) <= MOST_UNPACKED


def filters(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(AgentReplayError):
        span_filter(text, SpanFilter(tenant=TENANT), lambda: 1)
    session_filter(text, SessionFilter(tenant=TENANT), lambda: 1)


def tape(data: bytes) -> None:
    add_tape(data, MemoryStore(), TENANT)


def tape_seeds() -> Iterator[bytes]:
    store, make = MemoryStore(), Maker()
    session = make.session(source="run", status="completed")
    store.append(batch_of(session, make.span(), make.span()))
    yield tape_of(store, session.key)


def submission(data: bytes) -> None:
    submit(read_submission(data), Settings.read(), lambda: 1)


def headers(data: bytes) -> None:
    """Each line is a header; what passes the gate asks for a part of a content."""
    lines = data.decode("latin-1").split("\n")
    told = {NAMES[number % len(NAMES)]: line for number, line in enumerate(lines)}
    served(PAGE, told, told.get("traceparent"))
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/sessions",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in told.items()],
    }
    statuses: list[int] = []

    async def inner(*_: object) -> None:
        statuses.append(200)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    gate = Gate(inner, keys=KeyCheck("key"), names=frozenset(), figures=Figures())
    LOOP.run_until_complete(gate(scope, receive, send))
    assert statuses[0] in {200, 401, 403}


def given(*seeds: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(seeds)


TARGETS = {
    "otlp": Target(otlp, otlp_seeds),
    "coding": Target(coding, given(b"\x02(\xb5/\xfd\x00X\x19\x00\x00abc", b"\x00\x1f\x8b\x08")),
    "filters": Target(
        filters,
        given(b'kind:tool status:error cost>0.01 tool:"web search" -word', b"label:a=b since:2h duration>=1s attr.x=1"),
    ),
    "tape": Target(tape, tape_seeds),
    "submission": Target(
        submission,
        given(b'{"project":"p","spans":[{"session":"s","span_id":"00000000000000a1","start":"2026-01-01T00:00:00Z"}]}'),
    ),
    "headers": Target(headers, given(b"localhost\nhttp://localhost\nBearer key\nkey\nbytes=1-2\n*\n\n00-1-2-01")),
}


def main(name: str, folder: Path) -> None:
    """Feed one target."""
    target = TARGETS[name]
    seeds = folder / "seeds"
    seeds.mkdir(parents=True)
    for number, seed in enumerate(target.seeds()):
        (seeds / str(number)).write_bytes(seed)

    def feed(data: bytes) -> None:
        # Errors of ours are how bad input is refused; anything else is none of our words.
        with contextlib.suppress(AgentReplayError):
            target.feed(data or b"\0")

    limits = [f"-runs={RUNS}", f"-max_total_time={SECONDS}", f"-max_len={LONGEST}", "-timeout=10", "-rss_limit_mb=2048"]
    told = [sys.argv[0], str(seeds), "-seed=1", "-print_final_stats=1", f"-artifact_prefix={folder}/", *limits]
    atheris.Setup(told, feed)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
