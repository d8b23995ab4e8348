"""How endpoints for embeddings are asked, and where in their answers the vectors are."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from agentreplay.embeddings.protocol import Purpose

__all__ = ["DIALECTS", "Dialect"]

_Vectors = list[list[float]]


class Dialect(ABC):
    """One kind of endpoint."""

    address: str
    keys: tuple[str, ...]
    """The variables a key is looked for in."""
    needs_key = True
    most_texts = 100
    most_tokens = 2_048

    @abstractmethod
    def path(self, model: str) -> str:
        """Where a model is asked, below the address."""

    @abstractmethod
    def ask(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        """The body of a request."""

    @abstractmethod
    def read(self, answer: bytes) -> _Vectors:
        """The vectors of an answer, in the order of the texts. Raises msgspec.DecodeError."""

    def headers(self, key: str) -> Mapping[str, str]:
        """What carries the key."""
        return {"authorization": f"Bearer {key}"}


class _OpenAIVector(msgspec.Struct):
    index: int
    embedding: list[float]


class _OpenAIAnswer(msgspec.Struct):
    data: list[_OpenAIVector]


class _OpenAI(Dialect):
    address = "https://api.openai.com/v1"
    keys = ("OPENAI_API_KEY",)
    # The address may be that of a server without keys that speaks like OpenAI's.
    needs_key = False
    most_tokens = 8_191

    def path(self, model: str) -> str:  # noqa: ARG002  # one for all
        return "/embeddings"

    def ask(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:  # noqa: ARG002  # one for both
        return {"model": model, "input": list(texts), "encoding_format": "float"}

    def read(self, answer: bytes) -> _Vectors:
        found = msgspec.json.decode(answer, type=_OpenAIAnswer)
        return [one.embedding for one in sorted(found.data, key=lambda one: one.index)]


class _GoogleVector(msgspec.Struct):
    values: list[float]


class _GoogleAnswer(msgspec.Struct):
    embeddings: list[_GoogleVector]


class _Google(Dialect):
    address = "https://generativelanguage.googleapis.com/v1beta"
    keys = ("GEMINI_API_KEY", "GOOGLE_API_KEY")

    def path(self, model: str) -> str:
        return f"/models/{quote(model)}:batchEmbedContents"

    def ask(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        task = "RETRIEVAL_QUERY" if purpose == "query" else "RETRIEVAL_DOCUMENT"
        named = {"model": f"models/{model}", "taskType": task}
        return {"requests": [{**named, "content": {"parts": [{"text": text}]}} for text in texts]}

    def read(self, answer: bytes) -> _Vectors:
        return [one.values for one in msgspec.json.decode(answer, type=_GoogleAnswer).embeddings]

    def headers(self, key: str) -> Mapping[str, str]:
        return {"x-goog-api-key": key}


class _OllamaAnswer(msgspec.Struct):
    embeddings: list[list[float]]


class _Ollama(Dialect):
    address = "http://127.0.0.1:11434"
    keys = ("OLLAMA_API_KEY",)
    needs_key = False

    def path(self, model: str) -> str:  # noqa: ARG002  # one for all
        return "/api/embed"

    def ask(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:  # noqa: ARG002  # one for both
        return {"model": model, "input": list(texts)}

    def read(self, answer: bytes) -> _Vectors:
        return msgspec.json.decode(answer, type=_OllamaAnswer).embeddings


class _CohereVectors(msgspec.Struct):
    float_: list[list[float]] = msgspec.field(name="float")


class _CohereAnswer(msgspec.Struct):
    embeddings: _CohereVectors


class _Cohere(Dialect):
    address = "https://api.cohere.com"
    keys = ("COHERE_API_KEY", "CO_API_KEY")
    most_texts = 96
    most_tokens = 512

    def path(self, model: str) -> str:  # noqa: ARG002  # one for all
        return "/v2/embed"

    def ask(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        kind = "search_query" if purpose == "query" else "search_document"
        return {"model": model, "texts": list(texts), "input_type": kind, "embedding_types": ["float"]}

    def read(self, answer: bytes) -> _Vectors:
        return msgspec.json.decode(answer, type=_CohereAnswer).embeddings.float_


DIALECTS: Mapping[str, Dialect] = {"openai": _OpenAI(), "google": _Google(), "ollama": _Ollama(), "cohere": _Cohere()}
