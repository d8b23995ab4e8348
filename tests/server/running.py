"""A real server in a process of its own, on ports that are free."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from agentreplay.model.ids import TenantId
from agentreplay.model.page import PageRequest
from agentreplay.model.query import SpanFilter
from agentreplay.model.span import Span
from agentreplay.store.registry import open_store

__all__ = ["PROTOBUF", "Answer", "Running", "running", "spans_of", "waited_for"]

PROTOBUF = "application/x-protobuf"
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Running:
    process: "subprocess.Popen[bytes]"
    address: str
    http: list[int]
    grpc: list[int]
    problems: list[str]
    folder: Path

    def ask(self, path: str, body: bytes | None = None, method: str | None = None, **headers: Any) -> Answer:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, body, told, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, dict(answer.headers.items()), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers.items()), error.read())

    def post(self, body: bytes, signal: str = "traces", media: str = PROTOBUF, **headers: str) -> Answer:
        return self.ask(f"/v1/{signal}", body, "POST", content_type=media, **headers)


@contextlib.contextmanager
def running(folder: Path, *options: str, errors: IO[str] | None = None, **variables: str) -> Iterator[Running]:
    """Runs while the context lasts. What it says beside its answers goes into `errors`, or where ours goes."""
    command = [sys.executable, "-m", "agentreplay.cli", "--db-path", str(folder), "--json", "up"]
    ports = ["--port", "0", "--otlp-http", "0", "--otlp-grpc", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **variables}
    with subprocess.Popen(
        [*command, *ports, *options], stdout=subprocess.PIPE, stderr=errors, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            yield Running(process, folder=folder, **json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def spans_of(folder: Path) -> list[Span]:
    """All that is readable, whole."""
    store = open_store(folder)
    try:
        store.drain()
        spans: list[Span] = []
        page = store.spans.find(SpanFilter(tenant=TenantId("local")), PageRequest(limit=1_000))
        while True:
            spans += [span for row in page.items if (span := store.spans.get(row.key)) is not None]
            if page.next is None:
                return spans
            page = store.spans.find(SpanFilter(tenant=TenantId("local")), PageRequest(limit=1_000, after=page.next))
    finally:
        store.close()


def waited_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it came true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return condition()
