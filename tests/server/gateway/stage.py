"""A real server whose gateway leads to a scripted model server, and what tests ask of both."""

import contextlib
import http.client
import itertools
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agentreplay.intake.providers import Asked
from agentreplay.model.ids import ProjectId, SessionId, TenantId
from agentreplay.model.session import SessionKey
from agentreplay.playback.tape import Tape, read_tape
from agentreplay.store.registry import open_store
from agentreplay.testing import Line, Reply, ScriptedModels, improvise
from tests.server.running import Running, running, waited_for

__all__ = ["KEY", "Said", "Stage", "chat", "perform", "staged"]

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789abcdefghijkl"


def chat(text: str = "hello", **more: Any) -> dict[str, Any]:
    """The body of a call to a model in the words of OpenAI."""
    return {"model": "scripted", "messages": [{"role": "user", "content": text}], **more}


_LINES: dict[str, Reply] = {
    "slow": Line(text="one two three", pause=0.1),
    "late": Line(text="at last", after=0.6),
    "cut": Line(text="one two three", cut=2),
    "broken": Line(cut=0),
    "limit": Line(text="slow down", status=429, headers={"retry-after": "7"}),
    "moved": Line(text="elsewhere", status=307, headers={"location": "http://127.0.0.1:9/"}),
    "long": Reply(text="word " * 200_000),
}


def perform(asked: Asked, body: Any) -> Reply:
    """What the models say: as a word in what they are asked directs them."""
    text = json.dumps(body)
    return next((line for word, line in _LINES.items() if word in text), None) or improvise(asked, body)


@dataclass(frozen=True)
class Said:
    status: int
    headers: dict[str, str]
    pieces: list[bytes]

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Stage:
    server: Running
    models: ScriptedModels
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_session(self) -> str:
        """A name that no other test uses."""
        return f"session-{next(self._numbers)}"

    def ask(self, path: str, body: Any = None, method: str = "POST", **headers: str) -> Said:
        """Ask below the gateway as a program does that knows nothing of it."""
        told = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(self.connection()) as connection:
            data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, f"/gateway/{path}", data, told)
            answer = connection.getresponse()
            pieces: list[bytes] = []
            while piece := answer.read1(1 << 16):
                pieces.append(piece)
            return Said(answer.status, {name.lower(): value for name, value in answer.getheaders()}, pieces)

    def connection(self) -> http.client.HTTPConnection:
        place = urlsplit(self.server.address)
        return http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)

    def socket(self) -> socket.socket:
        place = urlsplit(self.server.address)
        return socket.create_connection((place.hostname or "", place.port or 0), timeout=20)

    def tape(self, session: str, project: str = "default", calls: int = 1) -> Tape:
        """What was recorded of a session, once so many calls are there."""
        key = SessionKey(TenantId("local"), ProjectId(project), SessionId(session))
        with contextlib.closing(open_store(self.server.folder)) as store:

            def is_there() -> bool:
                store.drain()
                row = store.sessions.get(key)
                return row is not None and row.summary.spans - row.summary.open >= calls

            assert waited_for(is_there), f"{session} has not {calls} calls"
            return read_tape(store, key)

    def replay(self, session: str, **how: Any) -> dict[str, Any]:
        body = json.dumps({"session": session, **how}).encode()
        answer = self.server.ask("/api/v1/gateway/replays", body, "POST", content_type="application/json")
        assert answer.status == 201, answer.body
        return dict(answer.json)

    def verdict(self, replay: dict[str, Any]) -> dict[str, Any]:
        return dict(self.server.ask(replay["verdict"]).json)


@contextlib.contextmanager
def staged(folder: Path, models: ScriptedModels, *options: str) -> Iterator[Stage]:
    """The server as a user starts it, with every upstream on this machine."""
    with socket.socket() as nowhere:
        # Bound and never listening, it refuses every connection, and nobody else is given the port.
        nowhere.bind(("127.0.0.1", 0))
        upstreams = {
            "openai": f"{models.url}/v1",
            "anthropic": models.url,
            "gemini": models.url,
            "ollama": models.url,
            "echo": f"{models.url}/echo",
            "nowhere": f"http://127.0.0.1:{nowhere.getsockname()[1]}",
        }
        told = [text for name, url in upstreams.items() for text in ("--upstream", f"{name}={url}")]
        with running(folder, *told, *options) as server:
            yield Stage(server, models)
