"""The parts of the forward pass that can be seen without weights."""

import math
from pathlib import Path

import numpy as np
import pytest

from agentreplay.embeddings.transformer import Shape, Transformer, _gelu, read_tensors
from agentreplay.errors import ModelDamaged

_SHAPE = Shape(layers=2, heads=2, dimensions=8, epsilon=1e-12)


def small_model() -> Transformer:
    chance = np.random.default_rng(1)
    tensors: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (50, 8),
        "embeddings.position_embeddings.weight": (16, 8),
        "embeddings.token_type_embeddings.weight": (2, 8),
    }
    for name in ("embeddings.", *(f"encoder.layer.{n}.{part}.output." for n in range(2) for part in ("attention", ""))):
        prefix = name.replace("..", ".")
        tensors |= {f"{prefix}LayerNorm.weight": (8,), f"{prefix}LayerNorm.bias": (8,)}
    for number in range(2):
        prefix = f"encoder.layer.{number}"
        parts: dict[str, tuple[int, ...]] = {
            **{f"attention.self.{one}": (8, 8) for one in ("query", "key", "value")},
            "attention.output.dense": (8, 8),
            "intermediate.dense": (32, 8),
            "output.dense": (8, 32),
        }
        for part, shape in parts.items():
            tensors |= {f"{prefix}.{part}.weight": shape, f"{prefix}.{part}.bias": shape[:1]}
    return Transformer({name: chance.standard_normal(shape, np.float32) for name, shape in tensors.items()}, _SHAPE)


def test_filling_up_short_texts_changes_nothing() -> None:
    model = small_model()
    texts = [[1, 2], [3, 4, 5, 6, 7, 8, 9], [10]]

    together = model.embed(texts)

    assert np.allclose(together, np.concatenate([model.embed([text]) for text in texts]), atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)


def test_the_order_of_tokens_counts() -> None:
    model = small_model()

    assert not np.allclose(model.embed([[1, 2, 3]]), model.embed([[3, 2, 1]]), atol=1e-3)


def test_the_activation_is_that_of_the_normal_distribution() -> None:
    numbers = np.linspace(-12, 12, 4_001, dtype=np.float32)

    exact = [x * 0.5 * (1 + math.erf(x / math.sqrt(2))) for x in numbers.tolist()]

    assert np.abs(_gelu(numbers.copy()) - np.array(exact)).max() < 2e-6


@pytest.mark.parametrize("content", [b"\x08\x00\x00\x00\x00\x00\x00\x00nonsense", b"\xff" * 40, b"1234"])
def test_a_file_that_holds_no_tensors_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)

    with pytest.raises(ModelDamaged):
        read_tensors(tmp_path / "model.safetensors")
