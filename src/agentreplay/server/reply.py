"""The shapes of answers: one for every error, one for every page."""

from typing import Any, NamedTuple

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
    NotFound,
    Overloaded,
    RateExceeded,
    Unavailable,
)
from agentreplay.model.page import Page

__all__ = [
    "JSON",
    "RETRY_AFTER",
    "ErrorBody",
    "ErrorTold",
    "Failure",
    "encoded",
    "error_body",
    "failure_of",
    "page_body",
    "status_of",
    "wait_of",
]

JSON = "application/json"
RETRY_AFTER = 5
"""Seconds after which whoever was refused for now may try again."""

_LEAVES: dict[type[AgentReplayError], int] = {
    KeyWrong: 401,
    ForeignHost: 403,
    ForeignOrigin: 403,
    JobsForbidden: 403,
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

    @property
    def headers(self) -> dict[str, str]:
        """What the status asks for beside the body."""
        headers: dict[str, str] = {}
        if (wait := wait_of(self.status)) is not None:
            headers["retry-after"] = str(wait)
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
        return Failure(status_of(error), type(error).__name__, error.message, error.advice, place)
    return Failure(
        _UNEXPECTED, type(error).__name__, "something unexpected went wrong", "the log of the server says more"
    )


def error_body(failure: Failure) -> dict[str, Any]:
    """`{"error": {"kind", "message", "hint"}}`, and the `column` where there is one."""
    place = {} if failure.column is None else {"column": failure.column}
    return {"error": {"kind": failure.kind, "message": failure.message, "hint": failure.hint, **place}}


def page_body(page: Page[Any]) -> dict[str, Any]:
    """`{"items", "next"}`."""
    return {"items": list(page.items), "next": page.next}


def encoded(failure: Failure) -> bytes:
    """An error as the body of an answer."""
    return msgspec.json.encode(error_body(failure))
