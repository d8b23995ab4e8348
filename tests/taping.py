"""Sessions with calls, made by hand: what a recorder leaves in a store, without one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from agentreplay.model.batch import Batch
from agentreplay.model.call import Address, Answer, Call, Request, Site
from agentreplay.model.content import OCTETS, Content, Kept
from agentreplay.model.ids import SpanId
from agentreplay.model.session import Origin, Program, SessionKey, SessionStatus
from agentreplay.model.span import Span
from agentreplay.model.time import SECOND, Nanoseconds
from agentreplay.model.values import Value, encode
from agentreplay.playback.canonical import digest
from agentreplay.playback.folding import CALL, fold, fold_answer
from agentreplay.playback.tape import EXIT_CODE, READINGS, RETURNED, SALT, SERVED, SOURCES, STDERR, STDIN, STDOUT, Tape
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of

__all__ = ["SITE", "Taping", "ask", "call", "outputs", "tape_of", "tool"]

SITE = Site("agent.py", 12, "main")
_LATER = Nanoseconds(SECOND * 60)


def ask(operation: str = "lookup", seam: str = "tool", **body: Any) -> Request:
    """A request with these fields in its body."""
    return Request(seam=seam, operation=operation, body=json.dumps(body).encode())


def call(address: str, request: Request, answer: Answer | None, seq: int = 0, **fields: Any) -> Call:
    """A call at `main/1#2`."""
    path, _, ordinal = address.rpartition("#")
    label = f"{request.seam} {request.operation}"
    return Call(
        address=Address(path, int(ordinal)),
        site=SITE,
        request=request,
        digest=digest(request),
        answer=answer,
        seq=seq,
        **{"label": label} | fields,
    )


def tool(number: int, operation: str = "lookup", result: Any = None, path: str = "main", **body: Any) -> Call:
    """The n-th call of a path to a tool, answered in its turn."""
    answer = Answer(body=json.dumps(result).encode(), turn=number)
    return call(f"{path}#{number}", ask(operation, **body), answer, seq=number + 1)


def tape_of(*calls: Call, **fields: Any) -> Tape:
    """A tape with these calls, of a finished session."""
    make = Maker()
    told: dict[str, Any] = {
        "session": make.session(status="completed"),
        "is_finished": True,
        "calls": calls,
        "steps": len(calls) + 1,
    }
    return Tape(**told | fields)


class Taping:
    """Keeps sessions with calls in a store."""

    def __init__(self, store: Store, make: Maker | None = None) -> None:
        self.store = store
        self.make = make or Maker()

    def keep(
        self,
        calls: Sequence[Call],
        *,
        status: SessionStatus | None = "completed",
        origin: Origin | None = None,
        roles: Mapping[str, bytes] | None = None,
        readings: Mapping[str, Mapping[str, list[Value]]] | None = None,
        served: Mapping[str, Any] | None = None,
        attributes: Mapping[str, Value] | None = None,
        name: str = "a run",
    ) -> SessionKey:
        """A session with these calls; what else it holds is kept as a recorder keeps it."""
        session = self.make.session(
            id=self.make.new_session_id(),
            name=name,
            status=status,
            origin=origin,
            program=Program(argv=("python", "agent.py"), cwd="/nowhere"),
        )
        kept = (
            {STDOUT: b"done\n", STDERR: b"", STDIN: b"", **(roles or {})}
            if status == "completed"
            else dict(roles or {})
        )
        if readings is not None:
            kept[READINGS] = encode(readings)
        if served is not None:
            kept[SERVED] = json.dumps({"process": "main", "turns": [], **served}).encode()
        contents = {role: Content.of(data, OCTETS) for role, data in kept.items()}
        told: dict[str, Value] = {SALT: "00" * 16, **(attributes or {})}
        if status == "completed":
            told.setdefault(EXIT_CODE, 0)
        root = self.make.span(
            session=session.id,
            kind="session",
            end=None,
            attributes=told,
            kept=tuple(Kept(role=role, hash=content.hash) for role, content in contents.items()),
        )
        if status in {"completed", "failed"}:
            root = msgspec.structs.replace(root, end=Nanoseconds(root.start + _LATER))
        self.store.append(batch_of(session, root, *contents.values()))
        for one in calls:
            self._keep_call(root, one)
        self.store.drain()
        return session.key

    def _keep_call(self, root: Span, one: Call) -> None:
        request = fold(one.request, "messages")
        answer = None if one.answer is None else fold_answer(one.answer)
        site: list[Value] = list(one.site)
        told = {
            "path": one.address.path,
            "ordinal": one.address.ordinal,
            "site": site,
            "digest": one.digest,
            "turn": one.answer.turn if one.answer else 0,
        }
        kind, _, model = one.label.partition(" ")
        span = self.make.span(
            parent=root,
            span_id=SpanId(one.span_id) if one.span_id else self.make.new_span_id(),
            kind=kind or "tool",
            model=model if kind == "llm" else None,
            name=one.request.operation,
            attributes={CALL: told},
            context=request.context,
            kept=(*request.kept, *(answer.kept if answer else ())),
            **({} if answer else {"end": None, "status": "unset"}),
        )
        contents = (*request.contents, *(answer.contents if answer else ()))
        self.store.append(Batch(spans=(span,), contents=contents, links=request.links))


def outputs(**texts: str) -> dict[str, bytes]:
    """What a program put out, by role."""
    roles = {"stdout": STDOUT, "stderr": STDERR, "returned": RETURNED, "sources": SOURCES}
    return {roles[name]: text.encode() for name, text in texts.items()}
