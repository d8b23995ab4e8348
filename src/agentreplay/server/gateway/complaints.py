"""Errors of the gateway itself, in the words of whoever was to be asked: an agent's library reads no others."""

from agentreplay.intake import providers
from agentreplay.intake.providers import Asked, Reply
from agentreplay.model.call import Answer

__all__ = ["complaint"]

_DIALECTS = {
    "anthropic": "anthropic.messages",
    "gemini": "gemini.generate",
    "ollama": "ollama.chat",
}
_OTHERS = "openai.chat"


def complaint(name: str, status: int, text: str) -> Answer:
    """What the upstream of this name would answer to say that."""
    asked = Asked(provider=name, dialect=_DIALECTS.get(name, _OTHERS))
    spoken = providers.speak(asked, Reply(status=status, text=text), 0)
    headers = [["content-type", spoken.media]]
    if status < _SERVER_ERROR:
        headers.append(["x-should-retry", "false"])  # as the libraries of OpenAI and Anthropic understand it
    return Answer(head={"status": status, "headers": headers}, body=b"".join(spoken.chunks), media=spoken.media)


_SERVER_ERROR = 500
