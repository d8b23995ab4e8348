"""OTLP over HTTP: `/v1/traces`, `/v1/logs` and `/v1/metrics`, in protobuf and in JSON."""

import msgspec

from agentreplay.errors import AgentReplayError, CodingUnknown, MethodNotAllowed
from agentreplay.intake.otlp.coding import CODINGS, IDENTITY
from agentreplay.intake.otlp.reading import Checked
from agentreplay.intake.otlp.wire import Encoding, Signal
from agentreplay.server.asgi import Receive, Scope, Send, answer, headers_of, read_body
from agentreplay.server.otlp.receive import Arrived, Receiver
from agentreplay.server.otlp.status import code_of, partial_success, status_message
from agentreplay.server.reply import Failure, error_body, failure_of

__all__ = ["PATHS", "OtlpOverHttp", "response_of"]

PATHS: dict[str, Signal] = {"/v1/traces": "traces", "/v1/logs": "logs", "/v1/metrics": "metrics"}

_MEDIA: dict[Encoding, str] = {"protobuf": "application/x-protobuf", "json": "application/json"}
_ENCODINGS: dict[str, Encoding] = {
    "application/x-protobuf": "protobuf",
    "application/protobuf": "protobuf",
    "application/json": "json",
}
_REJECTED = {"traces": "rejectedSpans", "logs": "rejectedLogRecords", "metrics": "rejectedDataPoints"}


class OtlpOverHttp:
    """Answers the three paths; an ASGI application."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request in."""
        signal = PATHS[scope["path"]]
        headers = headers_of(scope)
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        encoding = _ENCODINGS.get(media)
        if scope["method"] != "POST":
            error = MethodNotAllowed(method=scope["method"], path=scope["path"], known="POST")
            await _refuse(send, failure_of(error), encoding or "json")
            return
        try:
            checked = await self._take_in(signal, encoding, media, headers, receive)
        except AgentReplayError as error:
            await _refuse(send, failure_of(error), encoding or "json")
            return
        kind: Encoding = encoding or "json"
        await answer(send, 200, response_of(signal, kind, checked), _MEDIA[kind])

    async def _take_in(
        self, signal: Signal, encoding: Encoding | None, media: str, headers: dict[str, str], receive: Receive
    ) -> Checked:
        try:
            if encoding is None:
                raise CodingUnknown(what="content-type", found=media, known=", ".join(_MEDIA.values()))
            coding = headers.get("content-encoding", "").strip().lower() or IDENTITY
            if coding not in CODINGS:
                raise CodingUnknown(what="content-encoding", found=coding, known=", ".join(CODINGS))
            body = await read_body(receive, headers, self._receiver.max_body)
        except AgentReplayError as error:
            self._receiver.count_refusal(error, "http")
            raise
        return await self._receiver.take_in(Arrived(signal, encoding, coding, headers, body, "http"))


def response_of(signal: Signal, encoding: Encoding, checked: Checked) -> bytes:
    """The body of an answer: empty where all was kept, else how much was not, and why."""
    if not checked.rejected:
        return b"{}" if encoding == "json" else b""
    if encoding == "json":
        partial = {_REJECTED[signal]: str(checked.rejected), "errorMessage": checked.problem}
        return msgspec.json.encode({"partialSuccess": partial})
    return partial_success(checked.rejected, checked.problem)


async def _refuse(send: Send, failure: Failure, encoding: Encoding) -> None:
    """As OTLP wants it: a google.rpc.Status; in JSON with our own shape beside it."""
    code = code_of(failure.status)
    if encoding == "json":
        body = msgspec.json.encode({"code": code, "message": failure.message, **error_body(failure)})
    else:
        body = status_message(code, failure.message)
    await answer(send, failure.status, body, _MEDIA[encoding], failure.headers)
