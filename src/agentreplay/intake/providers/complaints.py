"""What an error answer says went wrong, wherever in it that stands."""

from collections.abc import Sequence

from agentreplay.intake.providers.wire import mapping, parse, sequence, text

__all__ = ["complaint", "problem"]

_LONGEST = 2_000
_BAD_REQUEST = 400


def complaint(status: int, chunks: Sequence[bytes]) -> str:
    """The message of an error, else its kind, else the first lines of what may be a page for people."""
    data = b"".join(chunks)
    value = parse(data)
    if isinstance(value, list):
        value = next(iter(sequence(value)), None)
    outer = mapping(value)
    error = outer.get("error", value)
    inner = mapping(error)
    places = [inner.get("message"), error, *(outer.get(name) for name in ("message", "Message", "detail"))]
    places += [inner.get(name) for name in ("type", "status", "code")]
    said = next((text(place) for place in places if text(place).strip()), "")
    return said or data[:_LONGEST].decode("utf-8", "replace").strip() or f"HTTP status {status}"


def problem(status: int, data: bytes) -> str | None:
    """What an answer says went wrong; None where it is fine, by its status and because it says nothing of an error."""
    value = parse(data)
    body = mapping(value) or mapping(next(iter(sequence(value)), None))
    return complaint(status, [data]) if status >= _BAD_REQUEST or body.get("error") else None
