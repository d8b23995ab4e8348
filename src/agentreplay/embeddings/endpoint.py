"""A model that runs elsewhere, asked over HTTP: at OpenAI, Google, Ollama, Cohere, or what speaks like one of them."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from agentreplay.embeddings.dialects import DIALECTS
from agentreplay.embeddings.protocol import Purpose
from agentreplay.errors import EmbeddingsFailing, EmbeddingsRefused

__all__ = ["Endpoint"]

_TRIES = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_TIMEOUT = 60.0
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_LARGEST = 256 << 20
_TOLD = 300


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
        self._url = (address or self._dialect.address).rstrip("/") + self._dialect.path(model)
        self._key = next((environment[name] for name in self._dialect.keys if environment.get(name)), "")
        self._sleep = sleep
        self._dimensions = 0
        if self._dialect.needs_key and not self._key:
            problem = f"there is no key in {' or '.join(self._dialect.keys)}"
            raise EmbeddingsRefused(model=self.name, problem=problem)

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
        answer = self._answer(msgspec.json.encode(body))
        try:
            rows = np.array(self._dialect.read(answer), np.float32)
        except (msgspec.DecodeError, ValueError) as error:
            raise EmbeddingsFailing(model=self.name, problem="its answer holds no vectors of one length") from error
        if rows.ndim != 2 or len(rows) != len(texts) or not rows.size or not np.isfinite(rows).all():  # noqa: PLR2004  # rows of numbers
            raise EmbeddingsFailing(model=self.name, problem=f"its answer to {len(texts)} texts is {rows.shape}")
        if self._dimensions not in {0, rows.shape[1]}:
            problem = f"its vectors have {rows.shape[1]} numbers, and had {self._dimensions} before"
            raise EmbeddingsFailing(model=self.name, problem=problem)
        self._dimensions = rows.shape[1]
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return rows

    def _answer(self, content: bytes) -> bytes:
        headers = {"content-type": "application/json", "user-agent": "agentreplay"}
        headers.update(self._dialect.headers(self._key) if self._key else {})
        request = urllib.request.Request(self._url, content, headers)  # noqa: S310  # the address is the user's own
        problem, wait = "", _FIRST_PAUSE
        for attempt in range(_TRIES):
            if attempt:
                self._sleep(wait)
                wait = min(2 * wait, _LONGEST_PAUSE)
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310  # as above
                    found: bytes = response.read(_LARGEST)
                    return found
            except urllib.error.HTTPError as error:
                problem = f"{error.code} {_said(error)}"
                if error.code not in _PASSING:
                    raise EmbeddingsRefused(model=self.name, problem=problem) from error
                wait = max(wait, _asked_to_wait(error))
            except (OSError, http.client.HTTPException) as error:
                problem = str(getattr(error, "reason", "") or str(error) or type(error).__name__)
        raise EmbeddingsFailing(model=self.name, problem=f"{problem}, {_TRIES} times")


def _said(error: urllib.error.HTTPError) -> str:
    try:
        return " ".join(error.read(_TOLD).decode(errors="replace").split()) or error.reason
    except (OSError, http.client.HTTPException):
        return error.reason


def _asked_to_wait(error: urllib.error.HTTPError) -> float:
    said = error.headers.get("retry-after", "")
    return min(float(said), _LONGEST_PAUSE) if said.isascii() and said.isdigit() else 0.0
