"""Puts words into a model's mouth: a reply as an answer in the format of whoever was asked."""

from agentreplay.core.understanding import asked_by
from agentreplay.intake import providers
from agentreplay.intake.providers import Reply
from agentreplay.model.call import Answer, Chunk, Request
from agentreplay.model.time import Nanoseconds

__all__ = ["say"]


def say(request: Request, reply: Reply, number: int) -> Answer | None:
    """The reply as the answer to this request, or None when no model is asked. `number` makes its ids its own."""
    asked = asked_by(request)
    if asked is None:
        return None
    spoken = providers.speak(asked, reply, number)
    chunks = tuple(Chunk(len(piece), Nanoseconds(0), 0) for piece in spoken.chunks) if asked.streams else ()
    head = {"status": spoken.status, "headers": [["content-type", spoken.media]]}
    return Answer(head=head, body=b"".join(spoken.chunks), media=spoken.media, chunks=chunks)
