"""One MCP session at the boundary: its requests are performed or served, and with each goes what the server said."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from agentreplay.model.call import Answer, Raised, Request
from agentreplay.model.values import Value
from agentreplay.sdk import tasks
from agentreplay.sdk.boundary import Boundary, Pending
from agentreplay.sdk.raising import revive, told_of
from agentreplay.sdk.scope import boundary
from agentreplay.sdk.silence import is_silent, silence

__all__ = ["IGNORED", "Event", "Progress", "Question", "Session"]

IGNORED = frozenset({"ping", "notifications/cancelled"})
"""What the library settles by itself, without a word to the program."""

Event = dict[str, Any]
"""Something the server said: its kind, its method and params, when, and the path of the task that it was told in."""

Progress = Callable[..., Awaitable[None]]
_STAMPS = "io.modelcontextprotocol/"
"""Entries of `_meta` the library makes; they tell of it and not of the request."""


class Question(NamedTuple):
    """A request as it goes over the wire, and how it is performed."""

    method: str
    params: dict[str, Any] | None
    perform: Callable[[Any, Progress | None], Awaitable[Any]]
    greet: Callable[[Any], Awaitable[None]]
    """Shakes hands with a server that has not been spoken to, because its part was served so far."""
    progress: Progress | None = None
    listening: str | int | None = None
    """The id under which the events of a subscription come."""


@dataclass(eq=False)
class _Asked:
    """A request that is under way."""

    boundary: Boundary
    question: Question
    events: list[Event] = field(default_factory=list[Event])


class Session:
    """A session of the client."""

    def __init__(self, server: str, deliver: Callable[[Event], Awaitable[None]], *, is_serial: bool) -> None:
        self.server = server
        self._deliver = deliver
        self._is_serial = is_serial
        self._is_silent = is_silent()
        self._task = tasks.current().child("mcp")
        self._asked: list[_Asked] = []
        self._loose: list[Event] = []
        """What came while nothing was under way; it goes with the next request."""
        self._greeting: Any = None
        """What the server was greeted with, as long as only the tape answered."""
        self._is_live = False
        self._last = self._task.path

    @property
    def is_served(self) -> bool:
        """Whether nobody but the tape has answered so far, so that there is nobody to notify."""
        found = boundary()
        return found is not None and found.player is not None and not self._is_live

    async def ask(self, question: Question) -> Any:
        """The result on the wire, from the server or from the tape."""
        found = boundary()
        # Without an event loop of asyncio there is no telling which task asks.
        if found is None or asyncio._get_running_loop() is None:  # noqa: SLF001  # public, but for its name
            return await question.perform(question.params, question.progress)
        pending = found.begin(self._request(question))
        if pending is None:
            return await question.perform(question.params, question.progress)
        if pending.answer is not None:
            return await self._serve(question, pending, pending.answer)
        if pending.scripted is not None:
            pending.finish(pending.scripted)
            if pending.scripted.raised is not None:
                raise revive(pending.scripted.raised, pending)
            return json.loads(pending.scripted.body)
        return await self._perform(found, question, pending)

    def _request(self, question: Question) -> Request:
        params = dict(question.params or {})
        meta = dict(params.pop("_meta", None) or {})
        stamps = {name: meta.pop(name) for name in list(meta) if name.startswith(_STAMPS)}
        if meta:
            params["_meta"] = meta
        head: dict[str, Value] = {"method": question.method, "server": self.server}
        named = params.get("name", params.get("uri", ""))
        if question.method == "tools/call":
            head["tool"] = named
        if stamps:
            head["_stamps"] = stamps
        operation = f"{question.method} {named}" if isinstance(named, str) and named else question.method
        body = json.dumps(params).encode() if params else b""
        return Request(seam="mcp", operation=operation, head=head, body=body)

    async def _perform(self, found: Boundary, question: Question, pending: Pending) -> Any:
        asked = _Asked(found, question, self._loose)
        self._loose = []
        self._asked.append(asked)
        address = pending.address
        try:
            with silence(), tasks.within(f"{address.path}:{address.ordinal}"):
                await self._catch_up(question)
                progress = None if question.progress is None else self._heard_progress(asked, question.progress)
                raw = await question.perform(_params(question, pending), progress)
        except BaseException as error:
            self._asked.remove(asked)
            is_left = isinstance(error, asyncio.CancelledError)
            pending.finish(Answer(head=_head(asked), raised=_raised(error), complete=not is_left))
            raise
        self._asked.remove(asked)
        self._learn(question, raw)
        pending.finish(_answer(asked, raw))
        return raw

    async def _catch_up(self, question: Question) -> None:
        greeting, self._greeting = self._greeting, None
        self._is_live = True
        if greeting is not None and question.method != "initialize":
            await question.greet(greeting)

    def _learn(self, question: Question, raw: Any) -> None:
        if not self.server and question.method == "initialize":
            self.server = str(raw.get("serverInfo", {}).get("name", ""))

    async def _serve(self, question: Question, pending: Pending, answer: Answer) -> Any:
        events: list[Event] = answer.head.get("events", [])
        await self._replay(events, question, pending)
        if not answer.complete:
            # The program left it, and will again.
            if pending.boundary.player is not None:
                pending.boundary.player.order.forget([answer.turn])
            await asyncio.get_running_loop().create_future()
        await pending.wait_async()
        raw = json.loads(answer.body)
        self._learn(question, raw)
        if question.method == "initialize" and not self._is_live:
            self._greeting = question.params
        return raw

    async def _replay(self, events: list[Event], question: Question, pending: Pending) -> None:
        """Tell the program again what the server said; return when what was through by then is through."""
        if self._is_serial:
            for event in events:
                await self._tell(event, question, pending)
            return
        telling: list[tuple[Event, asyncio.Task[None]]] = []
        with tasks.within(f"{pending.address.path}:{pending.address.ordinal}"):
            loop = asyncio.get_running_loop()
            telling += [(event, loop.create_task(self._tell(event, question, pending))) for event in events]
        for event, task in telling:
            if event.get("done"):
                await task

    async def _tell(self, event: Event, question: Question, pending: Pending) -> None:
        player = pending.boundary.player
        if player is not None:
            await player.order.take_async(event["turn"])
        with silence(silent=self._is_silent), tasks.within(event["path"]):
            self._last = event["path"]
            try:
                if event["kind"] != "progress":
                    await self._deliver(event)
                elif question.progress is not None:
                    await question.progress(*event["params"])
            except Exception:  # noqa: BLE001  # the library, too, lets nothing out of what is told
                return

    async def hear(self, kind: str, method: str, params: Any, tell: Callable[[], Awaitable[Any]]) -> Any:
        """Note what the server says, and tell the program: in a task of its own name, and not in silence."""
        event = self.note(kind, method, params)
        with silence(silent=self._is_silent), tasks.within(event["path"]):
            try:
                return await tell()
            finally:
                event["done"] = True

    async def hear_again(self, tell: Callable[[], Awaitable[None]]) -> None:
        """Tell the program what was heard last a second time, in another place."""
        with silence(silent=self._is_silent), tasks.within(f"{self._last}~"):
            await tell()

    def note(self, kind: str, method: str, params: dict[str, Any] | None) -> Event:
        """Note what the server says, with the request it goes with."""
        asked = self._meant(params)
        return self._note(asked, {"kind": kind, "method": method, "params": params})

    def _note(self, asked: _Asked | None, event: Event) -> Event:
        found = boundary() if asked is None else asked.boundary
        event["turn"] = 0 if found is None else found.next_turn()
        event["path"] = self._last = self._task.child("heard").path
        if found is not None:
            (self._loose if asked is None else asked.events).append(event)
        return event

    def _meant(self, params: dict[str, Any] | None) -> _Asked | None:
        meta: dict[str, Any] = (params or {}).get("_meta") or {}
        listening = meta.get(f"{_STAMPS}subscriptionId")
        others = [asked for asked in self._asked if asked.question.listening is None]
        if listening is not None:
            return next((asked for asked in self._asked if asked.question.listening == listening), None)
        return next(iter(others or self._asked), None)

    def _heard_progress(self, asked: _Asked, progress: Progress) -> Progress:
        async def heard(*told: Any) -> None:
            event = self._note(asked, {"kind": "progress", "params": list(told)})
            with silence(silent=self._is_silent), tasks.within(event["path"]):
                try:
                    await progress(*told)
                finally:
                    event["done"] = True

        return heard


def _params(question: Question, pending: Pending) -> Any:
    if not pending.is_patched:
        return question.params
    params = json.loads(pending.request.body or b"{}")
    stamps = pending.request.head.get("_stamps")
    return {**params, "_meta": {**params.get("_meta", {}), **stamps}} if stamps else params


def _answer(asked: _Asked, raw: Any) -> Answer:
    head = _head(asked)
    if isinstance(raw, dict) and raw.get("isError"):
        head["is_error"] = True
    try:
        return Answer(head=head, body=json.dumps(raw).encode())
    except (TypeError, ValueError):
        return Answer(head=head, is_live=True)


def _head(asked: _Asked) -> dict[str, Value]:
    if not asked.events:
        return {}
    return {"events": [dict(event) for event in asked.events]}


def _raised(error: BaseException) -> Raised:
    raised = told_of(error)
    told: Any = getattr(error, "error", None)
    if not hasattr(told, "code"):
        return raised
    state = {"code": told.code, "message": told.message, "data": told.data}
    return msgspec.structs.replace(raised, arguments=(), state=state)
