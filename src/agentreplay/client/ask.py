"""One request of the API, described without saying how it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from agentreplay.errors import (
    AgentReplayError,
    ServerBusy,
    ServerContradicts,
    ServerFailed,
    ServerLacks,
    ServerRefused,
)

__all__ = ["Answer", "Ask", "Json", "checked", "get", "path_of", "raw", "send"]

Json: TypeAlias = Any
"""What JSON holds. Times in nanoseconds, positions and integers beyond 2**53 are text, as in the API."""

T = TypeVar("T")

_FAILED, _BROKEN = 400, 500
_FAMILIES: dict[int, type[AgentReplayError]] = {
    404: ServerLacks,
    409: ServerContradicts,
    429: ServerBusy,
    503: ServerBusy,
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes


@dataclass(frozen=True)
class Ask(Generic[T]):
    """A request, and how its answer is read."""

    method: str
    path: str
    read: Callable[[bytes], T]
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    may_repeat: bool = True
    """Whether doing it twice is the same as doing it once."""

    @property
    def target(self) -> str:
        """The path with what is asked for; what is None is not."""
        told = {name: _text(value) for name, value in self.query.items() if value is not None}
        return f"{self.path}?{urlencode(told, doseq=True)}" if told else self.path


def get(path: str, **query: Any) -> Ask[Json]:
    """Ask for JSON."""
    return Ask("GET", path, _json, query)


def raw(path: str, **query: Any) -> Ask[bytes]:
    """Ask for bytes."""
    return Ask("GET", path, bytes, query)


def send(method: str, path: str, value: object, *, may_repeat: bool = True, **query: Any) -> Ask[Json]:
    """Send JSON, or bytes as they are."""
    is_raw = isinstance(value, bytes)
    media = "application/octet-stream" if is_raw else "application/json"
    body = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Ask(method, path, _json, query, body, {"content-type": media}, may_repeat)


def path_of(*parts: object) -> str:
    """A path of the API."""
    return "/api/v1/" + "/".join(quote(str(part), safe="") for part in parts)


def checked(ask: Ask[T], answer: Answer) -> T:
    """What the answer says; raises what the server says is wrong."""
    if answer.status >= _FAILED:
        raise _error_of(answer)
    return ask.read(answer.body)


def _error_of(answer: Answer) -> AgentReplayError:
    try:
        told = msgspec.json.decode(answer.body)["error"]
        kind, problem, advice = str(told["kind"]), str(told["message"]), str(told.get("hint", ""))
    except (msgspec.DecodeError, KeyError, TypeError):
        kind, problem, advice = "", f"it answered with status {answer.status}", ""
    usual = ServerFailed if answer.status >= _BROKEN else ServerRefused
    return _FAMILIES.get(answer.status, usual)(problem=problem, advice=advice, kind=kind, status=answer.status)


def _json(body: bytes) -> Json:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        problem, advice = (
            "its answer is not one of ours",
            "AGENTREPLAY_URL or AGENTREPLAY_PORT leads to another program",
        )
        raise ServerFailed(problem=problem, advice=advice) from error


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
