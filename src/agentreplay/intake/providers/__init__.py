"""Model providers: which one a request speaks to, what was asked and answered, how it would say something else."""

from collections.abc import Sequence

from agentreplay.intake.providers import (
    anthropic,
    audio,
    bedrock,
    bedrock_invoke,
    claude_code,
    cohere,
    gemini,
    huggingface,
    ollama,
    openai,
    openai_chat,
    openai_embeddings,
    openai_images,
    openai_responses,
    rerank,
)
from agentreplay.intake.providers.protocol import Answered, Asked, Provider, Reply, Spoken, ToolCall
from agentreplay.model.values import Value

__all__ = ["Answered", "Asked", "Provider", "Reply", "Spoken", "ToolCall", "answer", "ask", "speak"]

_PROVIDERS: dict[str, Provider] = {
    openai.CHAT: openai_chat,
    openai.COMPLETIONS: openai_chat,
    openai.RESPONSES: openai_responses,
    openai.EMBEDDINGS: openai_embeddings,
    openai_images.IMAGES: openai_images,
    audio.SPEECH: audio,
    audio.TRANSCRIPTION: audio,
    anthropic.MESSAGES: anthropic,
    bedrock.CONVERSE: bedrock,
    bedrock_invoke.DRAW: bedrock_invoke,
    bedrock_invoke.EMBED: bedrock_invoke,
    claude_code.RUN: claude_code,
    cohere.CHAT: cohere,
    cohere.EMBED: cohere,
    gemini.GENERATE: gemini,
    gemini.EMBED: gemini,
    gemini.EMBED_MANY: gemini,
    huggingface.TASK: huggingface,
    huggingface.EMBED: huggingface,
    ollama.CHAT: ollama,
    ollama.GENERATE: ollama,
    ollama.EMBED: ollama,
    rerank.RERANK: rerank,
}
"""Who understands a dialect. A request is offered to them in this order."""

_EACH = tuple(dict.fromkeys(_PROVIDERS.values()))


def ask(url: str, body: Value, accept: str = "") -> Asked | None:
    """Understand a request to a model, or None when it is in nobody's words. Never raises.

    `accept` is the header of that name, which tells more where neither address nor body tell what is to be done.
    """
    for provider in _EACH:
        if asked := provider.ask(url, body):
            return huggingface.wanting(asked, accept)
    return None


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
    """Understand an answer, whole or cut short. Never raises, whatever the bytes are."""
    return _PROVIDERS[asked.dialect].answer(asked, status, chunks)


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in the words the request was made in."""
    return _PROVIDERS[asked.dialect].speak(asked, reply, number)
