"""What a hook keeps: the event as it came behind a head of a few words. Imports nothing, because the agent waits."""

__all__ = ["FIELDS", "pack", "unpack"]

FIELDS = ("tenant", "project", "content", "agent", "event", "received", "cut")
"""The words of the head, in their order; each ends with a zero byte, and the event follows."""

_ERRORS = "surrogateescape"


def pack(head: "dict[str, str]", body: bytes) -> bytes:
    """The payload of a frame. What is not in the head is empty there."""
    words = [head.get(name, "").replace("\0", "").encode("utf-8", _ERRORS) for name in FIELDS]
    return b"\0".join([*words, body])


def unpack(payload: bytes) -> "tuple[dict[str, str], bytes] | None":
    """The head and the event; None where it is no such payload."""
    *words, body = payload.split(b"\0", len(FIELDS))
    if len(words) != len(FIELDS):
        return None
    told = (word.decode("utf-8", _ERRORS) for word in words)
    return dict(zip(FIELDS, told, strict=True)), body
