"""A model elsewhere that reads a question and texts together, and says how well each of them answers."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from agentreplay.embeddings.asking import Asking
from agentreplay.errors import AgentReplayError, ModelUnknown, RerankerFailing, RerankerRefused

__all__ = ["RERANKERS", "Reranking"]

_TRIES = 2
"""Somebody waits for the answer, and there is one without."""


class _Provider(NamedTuple):
    address: str
    path: str
    keys: tuple[str, ...]
    """The variables a key is looked for in."""
    needs_key: bool


_PROVIDERS = {
    "cohere": _Provider("https://api.cohere.com", "/v2/rerank", ("COHERE_API_KEY", "CO_API_KEY"), needs_key=True),
    # Servers on one's own machine speak like this one, and most of them want no key.
    "jina": _Provider("https://api.jina.ai/v1", "/rerank", ("JINA_API_KEY",), needs_key=False),
}
RERANKERS = tuple(_PROVIDERS)


class _Scored(msgspec.Struct):
    index: int
    relevance_score: float


class _Answer(msgspec.Struct):
    results: list[_Scored]


class Reranking:
    """A model of such a provider, or of a server that speaks like one. Safe to share between threads."""

    def __init__(self, name: str, environment: Mapping[str, str], address: str = "") -> None:
        """Raises ModelUnknown for what is no PROVIDER/MODEL, and RerankerRefused where there is no key."""
        provider, _, self._model = name.partition("/")
        if provider not in _PROVIDERS or not self._model:
            known = f"known is MODEL of a provider: {', '.join(f'{one}/MODEL' for one in RERANKERS)}"
            raise ModelUnknown(model=name, problem=known)
        self.name = name
        at = _PROVIDERS[provider]
        key = next((environment[one] for one in at.keys if environment.get(one)), "")
        if at.needs_key and not key:
            raise self._refused(f"there is no key in {' or '.join(at.keys)}")
        self._asking = Asking(
            (address or at.address).rstrip("/") + at.path,
            {"authorization": f"Bearer {key}"} if key else {},
            self._refused,
            self._failing,
            _TRIES,
        )

    def rank(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """How well each text answers, from 0 to 1."""
        if not texts:
            return []
        # Some refuse an empty text; a space says as little.
        wish = {"model": self._model, "query": question, "documents": [text or " " for text in texts]}
        answer = self._asking.answer(msgspec.json.encode(wish))
        try:
            scores = {one.index: one.relevance_score for one in msgspec.json.decode(answer, type=_Answer).results}
        except msgspec.DecodeError as error:
            raise self._failing("its answer holds no scores") from error
        if scores.keys() != set(range(len(texts))):
            raise self._failing(f"it was given {len(texts)} texts, and has scores of {len(scores)}")
        if not all(0 <= score <= 1 for score in scores.values()):
            raise self._failing("its scores are not from 0 to 1")
        return [scores[place] for place in range(len(texts))]

    def _refused(self, problem: str) -> AgentReplayError:
        return RerankerRefused(model=self.name, problem=problem)

    def _failing(self, problem: str) -> AgentReplayError:
        return RerankerFailing(model=self.name, problem=problem)
