"""MCP over HTTP at /mcp: each message is a request of its own, answered with JSON. There are no sessions to keep."""

import asyncio
import base64
import binascii
import os
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version

from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.server.asgi import Receive, Scope, Send, answer, headers_of, read_body
from agentreplay.server.mcp.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    Message,
    Params,
    Refused,
    failed,
    is_params,
    read_messages,
    written,
)
from agentreplay.server.mcp.reach import Reach
from agentreplay.server.mcp.remembering import Rememberer
from agentreplay.server.mcp.speaking import UNSUPPORTED_VERSION, Speaker
from agentreplay.server.mcp.stdio import LONGEST_LINE
from agentreplay.server.mcp.versions import HANDSHAKE_VERSIONS, PROTOCOL_VERSION, STATELESS_VERSIONS
from agentreplay.server.reply import failure_of
from agentreplay.server.service import Service

__all__ = ["PATH", "McpOverHttp"]

PATH = "/mcp"
_VERSION, _METHOD, _NAME = "mcp-protocol-version", "mcp-method", "mcp-name"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""What a message is about, where it is about something with a name."""
_HEADER_MISMATCH = -32020
_STATUSES = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    INVALID_PARAMS: 400,
    _HEADER_MISMATCH: 400,
    UNSUPPORTED_VERSION: 400,
    METHOD_NOT_FOUND: 404,
}
"""How errors of the protocol are answered to whoever speaks today's version; older ones expect 200."""
_AT_ONCE = 4
_BEFORE, _AFTER = "=?base64?", "?="


class McpOverHttp:
    """Answers at the path, as an ASGI application."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._remembers = Rememberer(service.settings, service.now, os.urandom)
        self._speaker = Speaker(self._reach, may_run=service.options.runs_jobs, version=version("agentreplay"))
        # Tools may wait for jobs, so their threads are none of those that answer everybody else.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="agentreplay-mcp")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST":
            await answer(send, 405, b"", headers={"allow": "POST"})
            return
        headers = headers_of(scope)
        try:
            data = await read_body(receive, headers, min(LONGEST_LINE, self._service.options.max_body))
        except Exception as error:  # noqa: BLE001  # whatever it is, the client is told in its own words
            failure = failure_of(error)
            await answer(send, failure.status, written(failed(None, Refused(INVALID_REQUEST, failure.message))))
            return
        told, status = await asyncio.get_running_loop().run_in_executor(self._threads, self._answered, data, headers)
        await answer(send, status, told)

    def _answered(self, data: bytes, headers: Mapping[str, str]) -> tuple[bytes, int]:
        """The answer, and its status."""
        is_stateless = headers.get(_VERSION, HANDSHAKE_VERSIONS[0]) not in HANDSHAKE_VERSIONS
        try:
            messages = read_messages(data)
            if is_stateless:
                _check(messages, headers)
        except Refused as refused:
            return written(failed(_id_of(refused), refused)), _STATUSES.get(refused.code, 400)
        answers = [told for message in messages if (told := self._speaker.respond(message)) is not None]
        if not answers:
            return b"", 202
        if data.lstrip().startswith(b"["):
            return written(answers), 200
        return written(answers[0]), _status_of(answers[0]) if is_stateless else 200

    @contextmanager
    def _reach(self) -> Generator[Reach]:
        service = self._service
        yield Reach(
            store=service.store,
            tenant=TenantId(service.settings.tenant),
            project=ProjectId(service.settings.project),
            now=service.now,
            runner=service.jobs,
            remembers=self._remembers,
            settings=service.settings,
        )


def _check(messages: list[Message | Refused], headers: Mapping[str, str]) -> None:
    """Raise Refused where the headers say something else than the message: others between us may go by them."""
    spoken = headers[_VERSION]
    for message in messages:
        if isinstance(message, Refused):
            raise message
        if len(messages) > 1:
            raise Refused(INVALID_REQUEST, "this version of the protocol knows no batches")
        if message.id is None:
            if spoken not in STATELESS_VERSIONS:
                _mismatch(message, "is none that is spoken here", _VERSION, UNSUPPORTED_VERSION)
            continue
        meta = message.params.get("_meta")
        if is_params(meta) and meta.get(PROTOCOL_VERSION) != spoken:
            _mismatch(message, "says something else than the message", _VERSION)
        if headers.get(_METHOD) != message.method:
            _mismatch(message, "says something else than the message", _METHOD)
        name = message.params.get(_NAMED.get(message.method, ""))
        if name is not None and _decoded(headers.get(_NAME, "")) != name:
            _mismatch(message, "says something else than the message", _NAME)


def _mismatch(message: Message, problem: str, header: str, code: int = _HEADER_MISMATCH) -> None:
    raise _RefusedRequest(code, f"the header {header} {problem}", message.id)


class _RefusedRequest(Refused):
    """A request that was read and yet is not answered."""

    def __init__(self, code: int, message: str, name: str | int | None) -> None:
        data = {"supported": list(STATELESS_VERSIONS)} if code == UNSUPPORTED_VERSION else None
        super().__init__(code, message, data)
        self.name = name


def _id_of(refused: Refused) -> str | int | None:
    return refused.name if isinstance(refused, _RefusedRequest) else None


def _status_of(told: Params) -> int:
    return _STATUSES.get(told["error"]["code"], 200) if "error" in told else 200


def _decoded(value: str) -> str | None:
    """The value of a header, which comes in base64 where it has signs that headers cannot have."""
    if not (value.startswith(_BEFORE) and value.endswith(_AFTER)):
        return value
    try:
        return base64.b64decode(value[len(_BEFORE) : -len(_AFTER)], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
