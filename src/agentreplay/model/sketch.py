"""Mergeable sketches: quantiles and distinct counts in a few bytes, however much was counted.

Quantiles is a DDSketch: every answer is within 1 % of the exact quantile.
Distinct is a HyperLogLog of 2**14 registers: practically exact up to 2,700 hashes, then within 0.9 % rms.

A sketch and its bytes depend only on what was added, never on the order or on how it was split and merged.
`from_bytes` raises ValueError, and nothing else, for an unknown version and for damage to the structure.
"""

import hashlib
import math
import re
import struct
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, islice
from operator import sub
from typing import Annotated, Final, Self

import msgspec

__all__ = ["Distinct", "Quantiles", "exact_quantile", "hash64"]

# The first byte says which sketch it is and in which version: all differ, so that none is taken for another.
_QUANTILES: Final = b"\x11"
_SPARSE: Final = b"\x21"
_DENSE: Final = b"\x31"

# Bin 0 holds 0; bin b > 0 the integers above gamma**(b-2) and up to gamma**(b-1); bin -b their negatives.
# Bins are a hair narrower than 1 % asks for, so that rounding in the logarithm never breaks the promise.
_ACCURACY: Final = 0.01 * (1 - 1e-9)
_GAMMA: Final = (1 + _ACCURACY) / (1 - _ACCURACY)
_BINS_PER_E: Final = 1 / math.log(_GAMMA)
_LAST_BIN: Final = math.ceil(math.log(2**64) * _BINS_PER_E) + 1
_BEFORE_ALL_BINS: Final = -_LAST_BIN - 1
_EXACT_BELOW: Final = 49

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[Annotated[int, msgspec.Meta(ge=1)]]).decode


class Quantiles:
    """How integers are distributed: the quantiles of all that was added, within 1 %. Magnitudes
    up to 48 are exact, those beyond 2**64 count as 2**64, and negative values are as good as others.
    """

    __slots__ = ("_bins",)
    __hash__ = None  # type: ignore[assignment]  # it changes

    def __init__(self) -> None:
        self._bins: dict[int, int] = {}

    @property
    def count(self) -> int:
        """How many values were added."""
        return sum(self._bins.values())

    def add(self, value: int, count: int = 1) -> None:
        """Add a value count times. Raises ValueError unless count is at least 1."""
        if count < 1:
            raise ValueError(f"a value cannot be added {count} times")
        where = _bin(value)
        self._bins[where] = self._bins.get(where, 0) + count

    @classmethod
    def of_bins(cls, bins: dict[int, int]) -> Self:
        """Return what results from adding so many values to each of these bins; the sketch keeps the dict."""
        sketch = cls()
        sketch._bins = bins
        return sketch

    @staticmethod
    def bin_of(value: int) -> int:
        """Return the bin that add counts a value in, for those who count many sketches at once."""
        return _bin(value)

    def merge(self, other: Self) -> None:
        """Add all that was added to the other, which stays as it is."""
        if not self._bins:
            self._bins = other._bins.copy()
            return
        bins = self._bins
        for where, count in other._bins.items():
            bins[where] = bins.get(where, 0) + count

    def subtract(self, other: Self) -> None:
        """Undo a merge. Raises ValueError, and changes nothing, if the other holds more than is here."""
        left = {where: self._bins.get(where, 0) - count for where, count in other._bins.items()}
        if min(left.values(), default=0) < 0:
            raise ValueError("more is subtracted than was added")
        self._bins = {where: count for where, count in (self._bins | left).items() if count}

    def quantile(self, q: float) -> float | None:
        """Return what exact_quantile does for all that was added, within 1 %."""
        return self.quantiles((q,))[0]

    def quantiles(self, shares: Sequence[float]) -> list[float | None]:
        """Return several quantiles, for not much more than one costs."""
        order = sorted(self._bins)
        counts = list(accumulate(map(self._bins.__getitem__, order)))
        ranks = [_rank(q, counts[-1] if counts else 0) for q in shares]
        return [_middle(order[bisect_left(counts, rank)]) if order else None for rank in ranks]

    def to_bytes(self) -> bytes:
        """Return the version and a MessagePack array: steps from each bin to the next, then their counts."""
        if len(self._bins) == 1:
            [(where, count)] = self._bins.items()
            return _QUANTILES + _encode((where - _BEFORE_ALL_BINS, count))
        order = sorted(self._bins)
        steps = map(sub, order, [_BEFORE_ALL_BINS, *order])
        return _QUANTILES + _encode([*steps, *map(self._bins.__getitem__, order)])

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what to_bytes wrote."""
        if data[:1] != _QUANTILES:
            raise ValueError("this is no quantile sketch of a known version")
        try:
            numbers = _decode(data[1:])
        except msgspec.MsgspecError as error:
            raise ValueError(f"the quantile sketch is damaged: {error}") from error
        steps, counts = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        if len(steps) != len(counts) or _BEFORE_ALL_BINS + sum(steps) > _LAST_BIN:
            raise ValueError("the quantile sketch is damaged: its bins are wrong")
        sketch = cls()
        sketch._bins = dict(zip(islice(accumulate(steps, initial=_BEFORE_ALL_BINS), 1, None), counts, strict=True))
        return sketch

    def __eq__(self, other: object) -> bool:
        return self._bins == other._bins if isinstance(other, Quantiles) else NotImplemented


def exact_quantile(sorted_values: Sequence[int], q: float) -> int | None:
    """Return the nearest-rank quantile: the smallest value whose rank, from 1, is at least 1 and ceil(q * n),
    computed in floating point. None if there are no values; raises ValueError unless 0 <= q <= 1.
    """
    rank = _rank(q, len(sorted_values))
    return sorted_values[rank - 1] if sorted_values else None


def _rank(q: float, count: int) -> int:
    if not 0 <= q <= 1:
        raise ValueError(f"a quantile is between 0 and 1, not {q}")
    # Floats round counts beyond 2**53, which must not ask for a value after the last.
    return max(1, min(math.ceil(q * count), count))


def _bin(value: int) -> int:
    if 0 < value < 2**64:
        return math.ceil(math.log(value) * _BINS_PER_E) + 1
    if value < 0:
        return -_bin(-value)
    return _LAST_BIN if value else 0


def _middle(where: int) -> float:
    """Return the value that is equally far, as a share of them, from both ends of a bin."""
    middle = 2 * _GAMMA ** (abs(where) - 1) / (_GAMMA + 1) if where else 0
    # 1 % of less than 49 is less than a half, so the bin holds one integer and that is the nearest.
    return math.copysign(round(middle) if middle < _EXACT_BELOW else middle, where)


# The first 14 bits of a hash choose a register, which keeps the highest rank: the place, from 1, of the first
# 1 in the other 50 bits. While few, hashes are kept as entries of 3 bytes: the first 16 bits, then the next 7
# or, if these are 0, 120 + the place of the first 1 in the other 48, which is 128 to 169.
_REGISTERS: Final = 2**14
_LAST_RANK: Final = 51
_RANK_OF_END: Final = [*(10 - end.bit_length() for end in range(128)), *range(10, _LAST_RANK + 1)]
_ENDS: Final = bytes(range(1, len(_RANK_OF_END)))
_ENTRY_CELLS: Final = 2**23

# When entries would be longer, registers are written: a base, the lowest rank but at most 36, and for each a
# nibble, its rank over the base, or 15 for the few that are higher, whose ranks follow the nibbles.
_HIGHEST_BASE: Final = 36
_DENSE_LENGTH: Final = 2 + _REGISTERS // 2
_NIBBLES: Final = b"0123456789abcdef"
_REMEMBERED: Final = 256
_SINGLE_RANKS: Final = [bytes((rank,)) for rank in range(_LAST_RANK + 1)]
_HIGH_BITS: Final = int.from_bytes(b"\x80" * _REGISTERS, "big")


class Distinct:
    """How many different 64-bit hashes were added."""

    __slots__ = ("_added", "_entries", "_packed", "_registers")
    __hash__ = None  # type: ignore[assignment]  # it changes

    def __init__(self) -> None:
        self._entries = b""  # in order
        self._added: set[bytes] = set()  # not yet in order
        self._registers = bytearray()  # or, instead of both
        self._packed = b""  # or, instead of all, registers as they were read, while nobody changes them

    def add_hash(self, value: int) -> None:
        """Add a well mixed hash, as hash64 returns it. Of other integers the lowest 64 bits are taken."""
        self._unfold()
        if self._registers:
            where = value >> 50 & 0x3FFF
            rank = _LAST_RANK - (value & 0x3_FFFF_FFFF_FFFF).bit_length()
            self._registers[where] = max(self._registers[where], rank)
        else:
            self._added.add(self.entry_of(value))
            if len(self._added) * 3 > _DENSE_LENGTH:
                self._settle()

    @staticmethod
    def entry_of(value: int) -> bytes:
        """Return what is kept of a hash while there are few, for those who count many sketches at once."""
        end = value >> 41 & 0x7F or 169 - (value & 0x1FF_FFFF_FFFF).bit_length()
        return (value >> 40 & 0xFFFF00 | end).to_bytes(3, "big")

    @classmethod
    def of_entries(cls, entries: set[bytes]) -> Self:
        """Return what results from adding the hashes that these entries are of."""
        sketch = cls()
        sketch._entries = b"".join(sorted(entries))
        sketch._settle()
        return sketch

    @classmethod
    def bytes_of(cls, entries: set[bytes]) -> bytes:
        """Return the bytes of `of_entries`. There are many of few entries, which are shortest made at once."""
        if len(entries) * 3 <= _DENSE_LENGTH:
            return _SPARSE + b"".join(sorted(entries))
        return cls.of_entries(entries).to_bytes()

    def merge(self, other: Self) -> None:
        """Add all that was added to the other, which stays as it is."""
        other._settle()
        if not (self._entries or self._added or self._registers or self._packed):
            self._entries, self._registers, self._packed = other._entries, other._registers.copy(), other._packed
            return
        self._unfold()
        other._unfold()
        if other._registers:
            self._settle(longest=-1)
            self._registers = _highest(self._registers, other._registers)
        elif self._registers:
            _raise_registers(self._registers, other._entries)
        else:
            self._added.update(_split(other._entries))
            if len(self._added) * 3 > _DENSE_LENGTH:
                self._settle()

    def estimate(self) -> int:
        """Return how many different hashes were added, or nearly."""
        self._settle()
        if self._packed:
            return _estimate_packed(self._packed)
        if self._registers:
            return _estimate(self._registers)
        return round(-_ENTRY_CELLS * math.log1p(-len(self._entries) / 3 / _ENTRY_CELLS))

    def to_bytes(self) -> bytes:
        """Return the version and either the entries in order or the registers, whichever is shorter."""
        self._settle()
        self._unfold()
        return _pack(self._registers) if self._registers else _SPARSE + self._entries

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what to_bytes wrote."""
        sketch = cls()
        if data[:1] == _DENSE:
            _check_packed(data)
            sketch._packed = data
        elif data[:1] != _SPARSE:
            raise ValueError("this is no distinct sketch of a known version")
        elif len(data) % 3 != 1 or len(data) > _DENSE_LENGTH or data[3::3].translate(None, _ENDS):
            raise ValueError("the distinct sketch is damaged: its entries are wrong")
        else:
            sketch._entries = data[1:]
        return sketch

    def __eq__(self, other: object) -> bool:
        return self.to_bytes() == other.to_bytes() if isinstance(other, Distinct) else NotImplemented

    def _unfold(self) -> None:
        """Take the registers out of what was read."""
        if self._packed:
            self._registers, self._packed = _unpack(self._packed), b""

    def _settle(self, longest: int = _DENSE_LENGTH) -> None:
        """Bring what was added in order, and change to registers if that is longer."""
        if self._added:
            self._entries, self._added = _united(self._entries, self._added), set()
        if len(self._entries) > longest and not self._registers:
            self._registers = bytearray(_REGISTERS)
            _raise_registers(self._registers, self._entries)
            self._entries = b""


def hash64(text: str) -> int:
    """Return 64 well mixed bits of a text, the same in every process and on every machine."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _split(entries: bytes) -> tuple[bytes, ...]:
    return struct.unpack("3s" * (len(entries) // 3), entries)


def _united(entries: bytes, added: set[bytes]) -> bytes:
    """Return all entries in order. A few are put in their places; more are sorted with the rest."""
    if len(added) * 24 > len(entries):
        return b"".join(sorted(added.union(_split(entries))))
    for entry in added:
        place = 3 * bisect_left(range(len(entries) // 3), entry, key=lambda at: entries[3 * at : 3 * at + 3])
        if entries[place : place + 3] != entry:
            entries = entries[:place] + entry + entries[place:]
    return entries


def _estimate(ranks: bytearray) -> int:
    """Ertl's improved raw estimator (arXiv:1702.01284), without its part for more than 2**50 hashes."""
    counts = _census(ranks)
    total = sum([math.ldexp(count, -rank) for rank, count in enumerate(counts) if count]) / _REGISTERS
    share, power, before = counts[0] / _REGISTERS, 1.0, 0.0
    while total != before:
        share, before = share * share, total
        total, power = total + share * power, power * 2
    return round(_REGISTERS / (2 * math.log(2)) / total)


@lru_cache(_REMEMBERED)
def _estimate_packed(data: bytes) -> int:
    """The estimate for registers as they were read. To count them takes long, and most of what is asked for again,
    such as the days before this one, is still the same.
    """
    return _estimate(_unpack(data))


def _census(ranks: bytearray) -> list[int]:
    """How many registers have each rank. Those counted are taken out, because most have one of a few ranks."""
    counts: list[int] = []
    for single in _SINGLE_RANKS:
        if not ranks:
            break
        rest = ranks.translate(None, single) if single in ranks else ranks
        counts.append(len(ranks) - len(rest))
        ranks = rest
    return counts


def _raise_registers(registers: bytearray, entries: bytes) -> None:
    for first, second, end in zip(entries[::3], entries[1::3], entries[2::3], strict=True):
        where, bits = first << 6 | second >> 2, second & 3
        registers[where] = max(registers[where], 3 - bits.bit_length() if bits else _RANK_OF_END[end])


def _highest(some: bytearray, others: bytearray) -> bytearray:
    """Return the higher of each two registers: all at once in long integers, which is 40 times faster."""
    left, right = int.from_bytes(some, "big"), int.from_bytes(others, "big")
    # A high bit set over each left register survives the subtraction where left >= right.
    not_less = ((left | _HIGH_BITS) - right) & _HIGH_BITS
    mask = (not_less << 1) - (not_less >> 7)
    return bytearray((right ^ ((left ^ right) & mask)).to_bytes(_REGISTERS, "big"))


def _pack(registers: bytearray) -> bytes:
    base = next(rank for rank in range(_LAST_RANK + 1) if rank in registers or rank == _HIGHEST_BASE)
    digits = registers.translate((b"0" * base + _NIBBLES).ljust(256, b"f"))
    high = bytes(registers[found.start()] for found in re.finditer(b"f", digits))
    return _DENSE + bytes([base]) + bytes.fromhex(digits.decode("ascii")) + high


@lru_cache(_REMEMBERED)
def _check_packed(data: bytes) -> None:
    if len(data) < _DENSE_LENGTH or data[1] > _HIGHEST_BASE:
        raise ValueError("the distinct sketch is damaged: its base or length is wrong")
    digits, high = data[2:_DENSE_LENGTH].hex(), data[_DENSE_LENGTH:]
    if digits.count("f") != len(high) or not all(data[1] + 15 <= rank <= _LAST_RANK for rank in high):
        raise ValueError("the distinct sketch is damaged: its highest ranks are wrong")


def _unpack(data: bytes) -> bytearray:
    base, digits, high = data[1], data[2:_DENSE_LENGTH].hex().encode("ascii"), data[_DENSE_LENGTH:]
    registers = bytearray(digits.translate(bytes.maketrans(_NIBBLES, bytes(range(base, base + 16)))))
    for found, rank in zip(re.finditer(b"f", digits), high, strict=True):
        registers[found.start()] = rank
    return registers
