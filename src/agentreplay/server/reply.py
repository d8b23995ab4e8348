"""The shapes of answers: one for every error, one for every page; and answers that are not just stored values."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from agentreplay.errors import (
    AgentReplayError,
    BodyTooLarge,
    CodingUnknown,
    Conflict,
    Damaged,
    ForeignHost,
    ForeignOrigin,
    InputInvalid,
    JobsForbidden,
    JobsTooMany,
    KeyWrong,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    RateExceeded,
    Unavailable,
)

__all__ = [
    "AS_IT_COMES",
    "EVENTS",
    "JSON",
    "RETRY_AFTER",
    "ErrorBody",
    "ErrorTold",
    "Failure",
    "Reply",
    "Stream",
    "as_it_is",
    "encoded",
    "error_body",
    "failure_of",
    "status_of",
    "wait_of",
]

T = TypeVar("T")

JSON = "application/json"
EVENTS = "text/event-stream"
AS_IT_COMES = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""Headers of what is not to be held back on its way."""
RETRY_AFTER = 5
"""Seconds after which whoever was refused for now may try again."""

_LEAVES: dict[type[AgentReplayError], int] = {
    KeyWrong: 401,
    ForeignHost: 403,
    ForeignOrigin: 403,
    JobsForbidden: 403,
    MethodNotAllowed: 405,
    BodyTooLarge: 413,
    CodingUnknown: 415,
    JobsTooMany: 429,
    Overloaded: 429,
    RateExceeded: 429,
}
_FAMILIES: dict[type[AgentReplayError], int] = {
    InputInvalid: 400,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
    Damaged: 500,
}
_UNEXPECTED = 500


class Failure(NamedTuple):
    """What went wrong, as every answer tells it."""

    status: int
    kind: str
    message: str
    hint: str = ""
    column: int | None = None
    """Of an error in a text: where it begins, from 1."""
    allow: str = ""
    """Of a method that is not taken: those that are."""

    @property
    def headers(self) -> dict[str, str]:
        """What the status asks for beside the body."""
        headers: dict[str, str] = {}
        if (wait := wait_of(self.status)) is not None:
            headers["retry-after"] = str(wait)
        if self.allow:
            headers["allow"] = self.allow
        if self.status == _LEAVES[KeyWrong]:
            headers["www-authenticate"] = "Bearer"
        return headers


class ErrorTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong."""

    kind: str
    """The name of the error; it never changes."""
    message: str
    hint: str = ""
    """What to do about it."""
    column: int | None = None
    """Of an error in a text: where it begins, from 1."""


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer that is no success."""

    error: ErrorTold


@dataclass(frozen=True, kw_only=True)
class Reply(Generic[T]):
    """An answer as it is sent; the document of the API tells of the type it stands for."""

    body: bytes
    status: int = 200
    media: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class Stream:
    """An answer in pieces that are sent as they come, until they end or nobody listens any more."""

    pieces: AsyncGenerator[bytes]
    media: str
    headers: Mapping[str, str]


def as_it_is(value: T) -> Reply[T]:
    """An answer of a struct that JSON knows as it is, made at once instead of field by field."""
    return Reply(body=msgspec.json.encode(value))


def status_of(error: BaseException) -> int:
    """The status of an answer to a request that ended with this error."""
    table = {**_LEAVES, **_FAMILIES}
    return next((status for kind, status in table.items() if isinstance(error, kind)), _UNEXPECTED)


def wait_of(status: int) -> int | None:
    """After how many seconds the request may be tried again, if it may."""
    return RETRY_AFTER if status in {429, 503} else None


def failure_of(error: BaseException) -> Failure:
    """An error as a failure. Of what is none of ours only the kind is told: the rest may be anything."""
    if isinstance(error, AgentReplayError):
        column = error.facts.get("column")
        place = column if isinstance(column, int) else None
        allow = str(error.facts["known"]) if isinstance(error, MethodNotAllowed) else ""
        return Failure(status_of(error), type(error).__name__, error.message, error.advice, place, allow)
    return Failure(
        _UNEXPECTED, type(error).__name__, "something unexpected went wrong", "the log of the server says more"
    )


def error_body(failure: Failure) -> dict[str, Any]:
    """`{"error": {"kind", "message", "hint"}}`, and the `column` where there is one."""
    place = {} if failure.column is None else {"column": failure.column}
    return {"error": {"kind": failure.kind, "message": failure.message, "hint": failure.hint, **place}}


def encoded(failure: Failure) -> bytes:
    """An error as the body of an answer."""
    return msgspec.json.encode(error_body(failure))
