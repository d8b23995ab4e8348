"""What turns texts into vectors promises."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Embedder", "Purpose"]

Purpose = Literal["passage", "query"]
"""What a text is embedded for: to be found, or to find. Some models tell them apart."""


class Embedder(Protocol):
    """A model that places texts near each other which mean the same.

    Two embedders of one name give the same vectors, so the name is stored with them. Safe to share between threads.
    Raises only agentreplay.errors.
    """

    @property
    def name(self) -> str:
        """The provider and the model, as `local/all-minilm-l6-v2`."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of each vector."""
        ...

    def embed(self, texts: Sequence[str], purpose: Purpose) -> "NDArray[np.float32]":
        """One row of length 1 for each text, in their order. A text beyond `most_tokens` counts with its beginning."""
        ...

    @property
    def most_tokens(self) -> int:
        """How much of a text counts; who stores longer ones cuts them into pieces first."""
        ...
