"""The model that runs here, offline: all-MiniLM-L6-v2, on numpy."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agentreplay.embeddings.installing import VOCABULARY, WEIGHTS, require_installed
from agentreplay.embeddings.protocol import Purpose
from agentreplay.embeddings.transformer import Shape, Transformer, read_tensors
from agentreplay.embeddings.wordpiece import WordPieces
from agentreplay.errors import ModelDamaged
from agentreplay.one_core import on_one_core

__all__ = ["LocalEmbedder"]

_SHAPE = Shape(layers=6, heads=12, dimensions=384, epsilon=1e-12)
_MOST_TOKENS = 256
"""What it was trained with; it has places for 512."""
_TOKENS_AT_ONCE = 2_048
"""So many, with what fills up the shorter texts, keep what is worked on small and the products large."""


class LocalEmbedder:
    """An Embedder whose weights are read when the first text comes."""

    dimensions = _SHAPE.dimensions
    most_tokens = _MOST_TOKENS

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._guard = threading.Lock()
        self._loaded: tuple[WordPieces, Transformer] | None = None
        require_installed(folder, name)

    def embed(self, texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:  # noqa: ARG002  # one for both
        """See Embedder."""
        pieces, model = self._model()
        tokens = [pieces.ids(text, _MOST_TOKENS) for text in texts]
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        with on_one_core():
            for batch in _batches([len(one) for one in tokens]):
                vectors[batch] = model.embed([tokens[place] for place in batch])
        return vectors

    def _model(self) -> tuple[WordPieces, Transformer]:
        with self._guard:
            if self._loaded is None:
                try:
                    model = Transformer(read_tensors(self._folder / WEIGHTS), _SHAPE)
                except (KeyError, OSError) as error:
                    raise ModelDamaged(place=str(self._folder), problem=f"{WEIGHTS} lacks {error}") from error
                self._loaded = WordPieces.read(self._folder / VOCABULARY), model
            return self._loaded


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """The places of texts of like length together, so that little is filled up."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        # The next is the longest so far: all before it are filled up to its length.
        if batches and (len(batches[-1]) + 1) * lengths[place] <= _TOKENS_AT_ONCE:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
