"""What every model provider's module answers: what was asked, what was answered, and how it would say something.

A provider is a module of functions without I/O. It is recognised by the address and the body of a request,
because the same words are spoken by many hosts.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import Value

__all__ = ["Answered", "Asked", "Provider", "Reply", "Spoken", "ToolCall"]


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """One tool the model wants called."""

    id: str = ""
    name: str
    arguments: Value = None
    """As a value; text that is not JSON stays text."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request to a model, understood."""

    provider: str
    """As OpenTelemetry names it: `openai`, `anthropic`, `gcp.gemini`, `mistral_ai`, `deepseek`, `ollama` …"""
    dialect: str
    """Whose words these are: `openai.chat`, `openai.responses`, `anthropic.messages` … ; names the module's format."""
    kind: str = "llm"
    """The kind of span: `llm`, `embedding` or `rerank`."""
    verb: str = "chat"
    """What one of kind `llm` is to do: `chat`, `draw`, `edit`, `speak`, `transcribe` or `translate`; `ask` where the
    request does not tell.
    """
    model: str | None = None
    context: str | None = None
    """The field of the body that holds the list of messages, kept as a context; None when there is no such list."""
    streams: bool = False
    framing: str = ""
    """How the pieces of a streamed answer are told apart, or what was put in, where a provider knows several ways; a
    word of its own.
    """
    parameters: dict[str, Value] = {}
    """Temperature and the like, under the names of OpenTelemetry's `gen_ai.request.*`, without that prefix."""
    tools: tuple[str, ...] = ()
    """The names of the tools offered."""
    usage_streams: bool = True
    """Whether a streamed answer tells what it used; some providers do so only when asked."""
    inputs: int = 1
    """How many texts are to be embedded, or documents to be ranked."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A model's answer, understood."""

    message: Value = None
    """The answer as a message in the provider's own words, put together from its pieces when it streamed."""
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    usage: Usage = NO_USAGE
    cost: NanoDollars | None = None
    """What the provider itself says the call cost; most say nothing."""
    response_id: str | None = None
    model: str | None = None
    service_tier: str | None = None
    """What it was charged as, where that is not as usual: `flex`, `priority`, `batch`."""
    first_token: int | None = None
    """The number of the chunk, from 0, that brought the first piece of text, reasoning or a tool call."""
    verb: str | None = None
    """What was done, where only the answer tells; `embed` of one that turns out to be an embedding."""
    complete: bool = True
    """Whether the answer came to its end; a stream that was cut did not."""
    error: str | None = None
    """What the provider says went wrong."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Something a model could say, whatever the provider: what a script or a fork puts in its mouth."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    status: int = 200
    """Anything but 200 makes it an error in the provider's own shape, with `text` as its message."""


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A reply in a provider's own words: an HTTP answer."""

    status: int
    media: str
    chunks: tuple[bytes, ...]
    """One chunk when it does not stream."""


class Provider(Protocol):
    """What a module in this folder offers."""

    def ask(self, url: str, body: Value) -> Asked | None:
        """Understand a request, or None when it is not in this provider's words."""
        ...

    def answer(self, asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
        """Understand an answer, whole or cut short. Never raises, whatever the bytes are."""
        ...

    def speak(self, asked: Asked, reply: Reply, number: int) -> Spoken:
        """Say the reply in the provider's words; `number` makes ids that are the same in every run.

        What `answer` makes of it equals the reply, as far as the provider has words for it: an id that is
        missing is made up, arguments that are None are said as an empty map, and tokens without a bucket of
        their own are counted in the nearest one.
        """
        ...
