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
_ROWS = 4
"""Products are quickest for multiples of so many rows: one of 16 takes less time than one of 15."""
_CURVED_AT_ONCE = 32
_ODDS = tuple(
    np.float32(factor)
    for factor in (
        -3.62803192e-9,
        2.67574322e-7,
        -7.94826996e-6,
        1.10547715e-4,
        6.60502487e-5,
        -7.26682940e-2,
        -1.59576854,
    )
)
"""The logarithm of how much likelier a normal number is to lie above x than below it, divided by x: a polynomial of x
squared, fitted by us so that `_gelu` is within 7e-8."""


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
        out: _Array = rows @ self.weight
        out += self.bias
        return out

    def times(self, factor: float) -> "_Linear":
        """The same, with every result so many times larger."""
        return _Linear(self.weight * np.float32(factor), self.bias * np.float32(factor))


class _Norm(NamedTuple):
    weight: _Array
    bias: _Array
    epsilon: float
    shares: _Array
    """What each number of a row counts for in its mean."""

    def __call__(self, rows: _Array) -> _Array:
        """In place. A mean is a product with equal shares: that is the quickest there is for few rows."""
        rows -= (rows @ self.shares)[:, None]
        spread = np.vecdot(rows, rows)
        spread *= self.shares[0]
        spread += np.float32(self.epsilon)
        np.sqrt(spread, out=spread)
        np.reciprocal(spread, out=spread)
        rows *= spread[:, None]
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
        # The tokens of all texts one below the other, so that there is one product for all of them.
        state: _Array = np.zeros((-(-tokens.size // _ROWS) * _ROWS, self._shape.dimensions), np.float32)
        state[: tokens.size] = (self._words[tokens] + self._places[:longest]).reshape(tokens.size, -1)
        state = self._norm(state)
        for layer in self._layers:
            state = self._step(layer, state, tokens.shape, bias)
        became = state[: tokens.size].reshape(*tokens.shape, -1)
        if bias is not None:
            became *= present[..., None]
        total: _Array = became.sum(axis=1)
        total /= np.linalg.norm(total, axis=1, keepdims=True)
        return total

    def _step(self, layer: _Layer, state: _Array, texts: tuple[int, ...], bias: _Array | None) -> _Array:
        mixed = layer.joined(self._attend(layer.attended(state), texts, bias))
        mixed += state
        state = layer.joined_norm(mixed)
        mixed = layer.narrowed(_gelu(layer.widened(state)))
        mixed += state
        return layer.norm(mixed)

    def _attend(self, rows: _Array, texts: tuple[int, ...], bias: _Array | None) -> _Array:
        heads, width = self._shape.heads, self._shape.dimensions // self._shape.heads
        used = texts[0] * texts[1]
        question, key, value = rows[:used].reshape(*texts, 3, heads, width).transpose(2, 0, 3, 1, 4)
        scores: _Array = question @ key.transpose(0, 1, 3, 2)
        if bias is not None:
            scores += bias
        scores -= np.maximum.reduce(scores, axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= np.add.reduce(scores, axis=-1, keepdims=True)
        mixed: _Array = np.zeros((len(rows), self._shape.dimensions), np.float32)
        by_head = mixed[:used].reshape(*texts, heads, width).transpose(0, 2, 1, 3)
        by_head[...] = scores @ value
        return mixed


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
    scale = (shape.dimensions // shape.heads) ** -0.5
    parts[0] = parts[0].times(scale)
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
    bias = tensors[f"{name}.bias"]
    return _Norm(tensors[f"{name}.weight"], bias, shape.epsilon, np.full_like(bias, 1 / len(bias)))


def _gelu(rows: _Array) -> _Array:
    """A number times the part of a normal distribution below it. In place, so many rows at a time as stay near the
    processor.
    """
    with np.errstate(over="ignore"):  # far below 0 there is nothing left to divide
        for start in range(0, len(rows), _CURVED_AT_ONCE):
            _curve(rows[start : start + _CURVED_AT_ONCE])
    return rows


def _curve(rows: _Array) -> None:
    square = np.square(rows)
    odds = square * _ODDS[0]
    for factor in _ODDS[1:-1]:
        odds += factor
        odds *= square
    odds += _ODDS[-1]
    odds *= rows
    np.exp(odds, out=odds)
    odds += np.float32(1)
    rows /= odds
