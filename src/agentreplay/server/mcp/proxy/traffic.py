"""Writes down what passes: each request of the client with its answer, and with it what the server said meanwhile."""

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import msgspec
from msgspec import UNSET

from agentreplay.model.call import Address, Answer, Raised, Request
from agentreplay.model.ids import SpanId
from agentreplay.model.time import Nanoseconds
from agentreplay.model.values import Value
from agentreplay.server.mcp.messages import is_params
from agentreplay.server.mcp.proxy.frames import Frame, frames, params_of
from agentreplay.server.mcp.proxy.taping import Taping

__all__ = ["META", "Traffic", "error_of", "request_of"]

META = "_meta"
"""Where a request tells of itself, in the params of the protocol and in the head of a call: it is not compared."""
_NAMED = ("name", "uri")
_SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"


@dataclass(eq=False)
class _Asked:
    """A request that is under way."""

    request: Request
    span_id: SpanId
    address: Address
    began: Nanoseconds
    clock: int
    token: object
    events: list[dict[str, Value]] = field(default_factory=list[dict[str, Value]])


class Traffic:
    """Looks at both directions. What it is shown is on the disk when a method returns. Safe between threads."""

    def __init__(self, taping: Taping) -> None:
        self._taping = taping
        self._lock = Lock()
        self._asked: dict[bytes, _Asked] = {}
        """By the id of the request."""
        self._questions: dict[bytes, dict[str, Value]] = {}
        """What the server asked and the client has not answered, by id."""
        self._loose: list[dict[str, Value]] = []
        """What the server said while nothing was under way; it goes with the next request."""

    def from_client(self, line: bytes) -> None:
        """The client says this, and the server has not heard it yet."""
        with self._lock:
            for frame in frames(line):
                if frame.asks:
                    self._ask(frame)
                elif frame.answers:
                    self._questions.pop(frame.name, None)
                elif frame.method is not UNSET:
                    self._told(frame, str(frame.method))

    def from_server(self, line: bytes) -> None:
        """The server says this, and the client has not heard it yet."""
        with self._lock:
            for frame in frames(line):
                if frame.answers:
                    self._answer(frame)
                elif frame.method is not UNSET:
                    self._event(frame)

    def end(self, why: str) -> None:
        """Nothing more will come; what is under way stays without an answer."""
        with self._lock:
            raised = Raised(module="builtins", name="ConnectionError", message=why)
            for name in list(self._asked):
                self._finish(name, Answer(raised=raised), is_whole=False)

    def _ask(self, frame: Frame) -> None:
        params = params_of(frame)
        meta = params.get(META)
        token = meta.get("progressToken") if is_params(meta) else None
        taping = self._taping
        asked = _Asked(
            request=request_of(frame, taping.server),
            span_id=taping.new_span_id(),
            address=taping.next_address(),
            began=taping.now(),
            clock=time.perf_counter_ns(),
            token=token,
            events=self._loose,
        )
        self._loose = []
        self._asked[frame.name] = asked
        taping.keep(asked.span_id, asked.address, asked.began, asked.request, None)

    def _answer(self, frame: Frame) -> None:
        if frame.error is not UNSET:
            self._finish(frame.name, Answer(raised=error_of(bytes(frame.error))))
        elif frame.result is not UNSET:
            body = bytes(frame.result)
            self._finish(frame.name, Answer(head={"is_error": True} if _has_failed(body) else {}, body=body))

    def _finish(self, name: bytes, answer: Answer, *, is_whole: bool = True) -> None:
        asked = self._asked.pop(name, None)
        if asked is None:
            return
        head: dict[str, Value] = {**answer.head, "_took": time.perf_counter_ns() - asked.clock}
        if asked.events:
            head["events"] = asked.events
        told = msgspec.structs.replace(answer, head=head, turn=self._taping.next_turn(), complete=is_whole)
        self._taping.keep(asked.span_id, asked.address, asked.began, asked.request, told)

    def _event(self, frame: Frame) -> None:
        """The server tells or asks something; it belongs to the request it was said for, or to the first under way."""
        params = params_of(frame)
        event: dict[str, Value] = {
            "kind": "request" if frame.asks else "notification",
            "method": str(frame.method),
            "params": None if frame.params is UNSET else params,
            "turn": self._taping.next_turn(),
        }
        if frame.asks:
            self._questions[frame.name] = event
        found = self._meant(params)
        (self._loose if found is None else found.events).append(event)

    def _meant(self, params: dict[str, Any]) -> _Asked | None:
        token = params.get("progressToken")
        meta = params.get(META)
        listening = meta.get(_SUBSCRIPTION) if is_params(meta) else None
        if listening is not None:
            return self._asked.get(msgspec.json.encode(listening))
        for asked in self._asked.values():
            if token is not None and asked.token == token:
                return asked
        return next(iter(self._asked.values()), None)

    def _told(self, frame: Frame, method: str) -> None:
        params = params_of(frame)
        if method == "notifications/cancelled":
            # The client takes it back, and hears no answer even if one comes.
            self._finish(msgspec.json.encode(params.get("requestId")), Answer(), is_whole=False)
        self._taping.note(method, {"mcp.params": params} if params else {})


def request_of(frame: Frame, server: str) -> Request:
    """The request of the client as a call. What it tells of itself, as the token of its progress, is not compared."""
    params = params_of(frame)
    meta = params.pop(META, None)
    named = next((value for name in _NAMED if isinstance(value := params.get(name), str)), "")
    method = str(frame.method)
    head: dict[str, Value] = {"method": method, "server": server}
    if method == "tools/call":
        head["tool"] = named
    if meta is not None:
        head[META] = meta
    body = msgspec.json.encode(params) if params else b""
    return Request(seam="mcp", operation=f"{method} {named}" if named else method, head=head, body=body)


def error_of(data: bytes) -> Raised:
    """An error of the protocol as what a client raises."""
    try:
        found: object = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        found = None
    state: dict[str, Value] = found if is_params(found) else {"code": 0, "message": ""}
    return Raised(module="mcp", name="MCPError", message=str(state.get("message", "")), state=state)


def _has_failed(result: bytes) -> bool:
    if b'"isError"' not in result:
        return False
    try:
        found: object = msgspec.json.decode(result)
    except (msgspec.DecodeError, RecursionError):
        return False
    return is_params(found) and bool(found.get("isError"))
