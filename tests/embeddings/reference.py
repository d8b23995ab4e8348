"""What PyTorch made of some texts with the local model, and where that model is when it is installed.

Made once with torch 2.13.0 and transformers 5.23.0 on a CPU, each text by itself, its tokens by tokenizers; a vector
is the mean of the last layer, of length 1.
"""

import base64
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from agentreplay.embeddings.installing import is_installed

__all__ = ["MODEL", "MODELS", "Reference", "needs_model", "references"]

MODELS = Path(__file__).parent.parent.parent / ".venvs" / "models"
MODEL = MODELS / "all-minilm-l6-v2"
"""Where `make slow` installs it."""

needs_model = pytest.mark.skipif(not is_installed(MODEL), reason="the model is not installed: `make slow` installs it")


class Reference(NamedTuple):
    """One text."""

    text: str
    tokens: list[int]
    vector: NDArray[np.float32]


def references() -> list[Reference]:
    """Texts of many languages and lengths."""
    lines = (Path(__file__).parent / "reference.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Reference(one["text"], one["tokens"], np.frombuffer(base64.b64decode(one["vector"]), "<f4"))
        for one in map(json.loads, lines)
    ]
