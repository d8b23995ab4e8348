"""A model that runs elsewhere, asked over HTTP: at OpenAI, Google, Ollama, Cohere, or what speaks like one of them."""

import time
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from agentreplay.embeddings.asking import Asking
from agentreplay.embeddings.dialects import DIALECTS
from agentreplay.embeddings.protocol import Purpose
from agentreplay.errors import AgentReplayError, EmbeddingsFailing, EmbeddingsRefused

__all__ = ["Endpoint"]


class Endpoint:
    """An Embedder that asks such an endpoint. The key is held in memory and told to nobody else."""

    def __init__(
        self,
        provider: str,
        model: str,
        environment: Mapping[str, str],
        address: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = f"{provider}/{model}"
        self._model = model
        self._dialect = DIALECTS[provider]
        self.most_tokens = self._dialect.most_tokens
        self._dimensions = 0
        key = next((environment[name] for name in self._dialect.keys if environment.get(name)), "")
        if self._dialect.needs_key and not key:
            raise self._refused(f"there is no key in {' or '.join(self._dialect.keys)}")
        self._asking = Asking(
            (address or self._dialect.address).rstrip("/") + self._dialect.path(model),
            self._dialect.headers(key) if key else {},
            self._refused,
            self._failing,
            sleep=sleep,
        )

    @property
    def dimensions(self) -> int:
        """The length of its vectors; it is asked where that is not known yet."""
        if not self._dimensions:
            self.embed(["dimensions"], "query")
        return self._dimensions

    def embed(self, texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
        """See Embedder."""
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        size = self._dialect.most_texts
        parts = [self._asked(texts[start : start + size], purpose) for start in range(0, len(texts), size)]
        return np.concatenate(parts)

    def _asked(self, texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
        # Some refuse an empty text; a space says as little.
        body = self._dialect.ask(self._model, [text or " " for text in texts], purpose)
        answer = self._asking.answer(msgspec.json.encode(body))
        try:
            rows = np.array(self._dialect.read(answer), np.float32)
        except (msgspec.DecodeError, ValueError) as error:
            raise self._failing("its answer holds no vectors of one length") from error
        if rows.ndim != 2 or len(rows) != len(texts) or not rows.size or not np.isfinite(rows).all():  # noqa: PLR2004  # rows of numbers
            raise self._failing(f"its answer to {len(texts)} texts is {rows.shape}")
        if self._dimensions not in {0, rows.shape[1]}:
            raise self._failing(f"its vectors have {rows.shape[1]} numbers, and had {self._dimensions} before")
        self._dimensions = rows.shape[1]
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return rows

    def _refused(self, problem: str) -> AgentReplayError:
        return EmbeddingsRefused(model=self.name, problem=problem)

    def _failing(self, problem: str) -> AgentReplayError:
        return EmbeddingsFailing(model=self.name, problem=problem)
