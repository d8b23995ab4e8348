"""The reranker in force: what the settings name, if they name one."""

import os
from collections.abc import Sequence
from functools import lru_cache

from agentreplay.embeddings.reranking import Reranking
from agentreplay.settings import Settings

__all__ = ["ChosenReranker", "reranker_of"]


class ChosenReranker:
    """See `Reranker`. What is wrong with the choice is told to whoever searches with it."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self._address = address

    def rank(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """See Reranker.rank."""
        return _opened(self.name, self._address).rank(question, texts)


def reranker_of(settings: Settings) -> ChosenReranker | None:
    """None where no reranker is chosen."""
    return ChosenReranker(settings.reranker, settings.reranker_url) if settings.reranker else None


@lru_cache(maxsize=4)
def _opened(name: str, address: str) -> Reranking:
    return Reranking(name, os.environ, address)
