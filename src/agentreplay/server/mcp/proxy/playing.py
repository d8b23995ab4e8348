"""Stands for a server that was recorded: answers from the tape, and says again what the server said meanwhile."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import msgspec
from msgspec.structs import replace as replaced

from agentreplay.core.policy import redactor_of
from agentreplay.core.redact_call import CallRedactor
from agentreplay.model.call import NOWHERE, Address, Answer
from agentreplay.model.values import Value
from agentreplay.playback.canonical import digest
from agentreplay.playback.divergence import Divergence, describe
from agentreplay.playback.player import Player
from agentreplay.playback.tape import Outputs, Tape
from agentreplay.playback.verdict import Verdict, judge
from agentreplay.server.gateway.matching import Matching
from agentreplay.server.mcp.messages import is_params
from agentreplay.server.mcp.proxy.frames import Frame, answer_line, frames, params_of, request_line
from agentreplay.server.mcp.proxy.traffic import META, request_of
from agentreplay.settings import Settings

__all__ = ["STOPPED", "Playing", "mcp_tape"]

STOPPED = -32000
"""The code of the error that a client is told where the replay stopped."""
_PATH = "main"
_AT_ONCE = 16
_PROGRESS = "progressToken"
_SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"


def mcp_tape(tape: Tape, server: str = "") -> Tape:
    """The tape as a server stands for it: the calls of MCP, of this server where one is named, numbered in order."""
    calls = [
        call
        for call in tape.calls
        if call.request.seam == "mcp" and (not server or call.request.head.get("server") == server)
    ]
    numbered = [replaced(call, address=Address(_PATH, number), inner=False) for number, call in enumerate(calls, 1)]
    return replace(tape, calls=tuple(numbered), outputs=Outputs(), readings={}, unrecorded=())


class Playing:
    """Serves one client."""

    def __init__(self, tape: Tape, settings: Settings, tell: Callable[[bytes], None]) -> None:
        """`tell` sends a line to the client, from any thread."""
        self._tape = tape
        self._tell = tell
        self._redactor = CallRedactor(redactor_of(settings, tape.salt, tape.content))
        self._player = Player(tape)
        self._matching = Matching(tape)
        self._server = next((str(call.request.head.get("server", "")) for call in tape.calls), "")
        self._stopped: Divergence | None = None
        self._names = count(1)
        self._waiting: dict[bytes, threading.Event] = {}
        self._is_over = threading.Event()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="agentreplay-mcp")

    def from_client(self, line: bytes) -> None:
        """The client says this."""
        for frame in frames(line):
            if frame.answers:
                # What it answers is not compared: what became of it is in the answer to the request around it.
                waiting = self._waiting.pop(frame.name, None)
                if waiting is not None:
                    waiting.set()
            elif frame.asks:
                # In the order in which they come, so that each finds the call that it is.
                self._threads.submit(self._serve, frame, self._meet(frame))

    def end(self) -> Verdict:
        """The client went away; how it came out."""
        self._is_over.set()
        for waiting in list(self._waiting.values()):
            waiting.set()
        self._threads.shutdown(wait=True)
        return judge(self._tape, [self._player.finish()], self._tape.outputs)

    def _meet(self, frame: Frame) -> tuple[Answer | None, Value]:
        """The answer on the tape, and what the recorded request told of itself; no answer where the replay stopped."""
        request = self._redactor.request(request_of(frame, self._server))
        wanted = digest(request)
        if self._stopped is not None:
            return None, None
        address = self._matching.address(request, wanted)
        outcome = self._player.meet(address, request, wanted, NOWHERE)
        self._stopped = outcome.divergence
        recorded = next((call.request.head.get(META) for call in self._tape.calls if call.address == address), None)
        return outcome.answer, recorded

    def _serve(self, frame: Frame, met: tuple[Answer | None, Value]) -> None:
        answer, recorded = met
        if answer is None:
            said = "" if self._stopped is None else "\n  ".join(describe(self._stopped))
            error = {"code": STOPPED, "message": f"the replay stopped here: {said}"}
            self._tell(answer_line(frame.name, "error", msgspec.json.encode(error)))
            return
        for event in answer.head.get("events", []):
            self._say(event, _renamed(event["params"], frame, recorded))
        raised = answer.raised
        if not answer.complete:
            return  # the server never answered it either
        if raised is not None:
            self._tell(answer_line(frame.name, "error", msgspec.json.encode(raised.state)))
        else:
            self._tell(answer_line(frame.name, "result", answer.body))

    def _say(self, event: dict[str, Any], params: Value) -> None:
        if event["kind"] != "request":
            self._tell(request_line(event["method"], params))
            return
        name = b"%d" % next(self._names)
        answered = self._waiting[name] = threading.Event()
        if self._is_over.is_set():
            return
        self._tell(request_line(event["method"], params, name))
        answered.wait()


def _renamed(params: Value, frame: Frame, recorded: Value) -> Value:
    """What was said, with the names that the request has today: the token of its progress, and its id."""
    if not is_params(params):
        return params
    meta = params_of(frame).get(META)
    token = _token(recorded)
    if token is not None and params.get(_PROGRESS) == token and _token(meta) is not None:
        params = {**params, _PROGRESS: _token(meta)}
    about = params.get(META)
    if is_params(about) and _SUBSCRIPTION in about:
        params = {**params, META: {**about, _SUBSCRIPTION: msgspec.json.decode(frame.name)}}
    return params


def _token(meta: Value) -> Value:
    return meta.get(_PROGRESS) if is_params(meta) else None
