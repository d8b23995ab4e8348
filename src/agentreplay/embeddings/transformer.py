"""The forward pass of small BERT models, in numpy: tokens in, one vector a text out."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agentreplay.errors import ModelDamaged

__all__ = ["Shape", "Transformer", "read_tensors"]

_Array = NDArray[np.float32]
_MASKED = np.float32(-1e9)


class Shape(NamedTuple):
    """How large a model is."""

    layers: int
    heads: int
    dimensions: int
    epsilon: float


class _Linear(NamedTuple):
    weight: _Array
    bias: _Array

    def __call__(self, rows: _Array) -> _Array:
        # One product for all texts: numpy would make one for each.
        out: _Array = rows.reshape(-1, rows.shape[-1]) @ self.weight
        out += self.bias
        return out.reshape(*rows.shape[:-1], -1)


class _Norm(NamedTuple):
    weight: _Array
    bias: _Array
    epsilon: float

    def __call__(self, rows: _Array) -> _Array:
        rows -= rows.mean(axis=-1, keepdims=True)
        spread = np.einsum("...i,...i->...", rows, rows)[..., None] / rows.shape[-1]
        rows /= np.sqrt(spread + np.float32(self.epsilon))
        rows *= self.weight
        rows += self.bias
        return rows


class _Layer(NamedTuple):
    attended: _Linear
    """Questions, keys and values side by side, in one product."""
    joined: _Linear
    joined_norm: _Norm
    widened: _Linear
    narrowed: _Linear
    norm: _Norm


class Transformer:
    """A model whose weights are in memory. It changes nothing, so threads may share it."""

    def __init__(self, tensors: Mapping[str, _Array], shape: Shape) -> None:
        self._shape = shape
        self._words = tensors["embeddings.word_embeddings.weight"]
        # All texts are of one kind, so its embedding is part of each position's.
        self._places = (
            tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _norm(tensors, "embeddings.LayerNorm", shape)
        self._layers = [_layer(tensors, f"encoder.layer.{number}.", shape) for number in range(shape.layers)]

    def embed(self, texts: Sequence[Sequence[int]]) -> _Array:
        """A row of length 1 for each text, the mean of what its tokens became."""
        lengths = np.array([len(text) for text in texts])
        longest = int(lengths.max())
        tokens = np.zeros((len(texts), longest), np.int64)
        for row, text in enumerate(texts):
            tokens[row, : len(text)] = text
        present = np.arange(longest) < lengths[:, None]
        bias = None if present.all() else np.where(present, np.float32(0), _MASKED)[:, None, None, :]
        state = self._norm(self._words[tokens] + self._places[:longest])
        for layer in self._layers:
            state = self._step(layer, state, bias)
        state *= present[..., None]
        total: _Array = state.sum(axis=1)
        total /= np.linalg.norm(total, axis=1, keepdims=True)
        return total

    def _step(self, layer: _Layer, state: _Array, bias: _Array | None) -> _Array:
        mixed = layer.joined(self._attend(layer.attended(state), bias))
        mixed += state
        state = layer.joined_norm(mixed)
        mixed = layer.narrowed(_gelu(layer.widened(state)))
        mixed += state
        return layer.norm(mixed)

    def _attend(self, rows: _Array, bias: _Array | None) -> _Array:
        texts, length, _ = rows.shape
        heads, width = self._shape.heads, self._shape.dimensions // self._shape.heads
        question, key, value = rows.reshape(texts, length, 3, heads, width).transpose(2, 0, 3, 1, 4)
        scores: _Array = question @ key.transpose(0, 1, 3, 2)
        if bias is not None:
            scores += bias
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed: _Array = scores @ value
        return mixed.transpose(0, 2, 1, 3).reshape(texts, length, self._shape.dimensions)


def read_tensors(path: Path) -> dict[str, _Array]:
    """The tensors of a safetensors file that are float32; the file is mapped, so what nobody asks is never read."""
    mapped = np.memmap(path, np.uint8, "r")
    try:
        size = int(mapped[:8].view("<u8")[0])
        described = json.loads(mapped[8 : 8 + size].tobytes())
        found: dict[str, _Array] = {}
        for name, tensor in described.items():
            if name != "__metadata__" and tensor["dtype"] == "F32":
                begin, end = (8 + size + offset for offset in tensor["data_offsets"])
                found[name] = np.asarray(mapped[begin:end]).view("<f4").reshape(tensor["shape"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelDamaged(place=str(path.parent), problem=f"{path.name} is no safetensors file") from error
    return found


def _layer(tensors: Mapping[str, _Array], prefix: str, shape: Shape) -> _Layer:
    own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    parts = [_linear(own, f"attention.self.{name}") for name in ("query", "key", "value")]
    # Scores are divided by the root of a head's width: here, once, instead of at every text.
    scale = np.float32((shape.dimensions // shape.heads) ** -0.5)
    parts[0] = _Linear(parts[0].weight * scale, parts[0].bias * scale)
    attended = _Linear(
        np.ascontiguousarray(np.concatenate([part.weight for part in parts], axis=1)),
        np.concatenate([part.bias for part in parts]),
    )
    return _Layer(
        attended,
        _linear(own, "attention.output.dense"),
        _norm(own, "attention.output.LayerNorm", shape),
        _linear(own, "intermediate.dense"),
        _linear(own, "output.dense"),
        _norm(own, "output.LayerNorm", shape),
    )


def _linear(tensors: Mapping[str, _Array], name: str) -> _Linear:
    return _Linear(np.ascontiguousarray(tensors[f"{name}.weight"].T), tensors[f"{name}.bias"])


def _norm(tensors: Mapping[str, _Array], name: str, shape: Shape) -> _Norm:
    return _Norm(tensors[f"{name}.weight"], tensors[f"{name}.bias"], shape.epsilon)


def _gelu(rows: _Array) -> _Array:
    """A number times the part of a normal distribution below it; within 1.5e-7 (Abramowitz and Stegun, 7.1.26)."""
    size = np.abs(rows)
    size *= np.float32(0.5**0.5)
    near = 1 / (1 + np.float32(0.3275911) * size)
    tail = near * np.float32(1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail += np.float32(factor)
        tail *= near
    np.square(size, out=size)
    np.negative(size, out=size)
    np.exp(size, out=size)
    tail *= size  # 1 - erf(|x| / sqrt 2)
    tail *= np.float32(0.5)
    # Below 0 the part is the tail, above 0 all but the tail.
    part = np.where(rows < 0, tail, 1 - tail)
    part *= rows
    return part
