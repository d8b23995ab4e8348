"""Keys of snapshots: what hashes them, and what encrypts their state.

An encrypted snapshot has keys that no other has: they follow from what its owner knows and from chance that stands in
the file. So the number of a piece is nonce enough, and what was cut out of one snapshot fits nowhere else.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from struct import Struct
from typing import TYPE_CHECKING, cast

from blake3 import blake3

from agentreplay.errors import ExtraMissing, SnapshotDamaged, SnapshotKeyNeeded, SnapshotKeyWrong, ValueInvalid

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["OPEN", "Chance", "Key", "Seal", "new_seal", "read_seal"]

Key = str | bytes
"""A passphrase, or the 32 bytes of a key."""

Chance = Callable[[int], bytes]
"""Gives so many random bytes; `secrets.token_bytes` does, a test brings its own."""

_KEY_SIZE, _SALT_SIZE = 32, 32
_BY_PASSPHRASE, _BY_KEY = 1, 2
_FRAME = Struct(f"<BBBB{_SALT_SIZE}s16s")
_COST, _BLOCK, _PARALLEL = 15, 8, 1
"""Of scrypt: 32 MiB of memory and a tenth of a second for each guess."""
_LARGEST, _MOST = 256 << 20, 4
"""What a file may ask for, bytes of memory and rounds: it says how dear it is to open, but not that nobody can."""
_PURPOSE = "agentreplay snapshot 1 {}"


class Seal:
    """What hashes the parts of one snapshot and hides its state; without a key it only hashes."""

    def __init__(self, frame: bytes = b"", secret: bytes = b"") -> None:
        self.frame = frame
        """What the file tells about its keys."""
        self._authentic = _derived(secret, "authentication") if secret else None
        self._cipher = _cipher(_derived(secret, "encryption")) if secret else None

    @property
    def hides(self) -> bool:
        """Whether the state is encrypted."""
        return self._cipher is not None

    def hasher(self) -> blake3:
        """Begins a hash that, with a key, only its owner can make."""
        return blake3(key=self._authentic) if self._authentic else blake3()

    def hide(self, piece: bytes, number: int, around: bytes) -> bytes:
        """The piece as it stands in the file; `around` is what it belongs to."""
        return piece if self._cipher is None else self._cipher.encrypt(_nonce(number), piece, around)

    def show(self, piece: bytes, number: int, around: bytes) -> bytes | None:
        """The piece again, or None where it is not what was hidden there."""
        if self._cipher is None:
            return piece
        from cryptography.exceptions import InvalidTag  # optional extra

        try:
            return self._cipher.decrypt(_nonce(number), piece, around)
        except InvalidTag:
            return None


OPEN = Seal()
"""Without a key."""


def new_seal(key: Key, chance: Chance = secrets.token_bytes) -> Seal:
    """The seal of a new snapshot."""
    salt = chance(_SALT_SIZE)
    method = _BY_PASSPHRASE if isinstance(key, str) else _BY_KEY
    costs = (_COST, _BLOCK, _PARALLEL) if isinstance(key, str) else (0, 0, 0)
    secret = _secret(key, salt, *costs)
    return Seal(_FRAME.pack(method, *costs, salt, _derived(secret, "check")[:16]), secret)


def read_seal(frame: bytes, key: Key | None, place: str) -> Seal:
    """The seal of a snapshot that says this of its keys.

    Raises SnapshotKeyNeeded, SnapshotKeyWrong and SnapshotDamaged.
    """
    if len(frame) != _FRAME.size:
        raise SnapshotDamaged(place=place, problem="what it tells of its keys makes no sense")
    method, cost, block, parallel, salt, check = cast("tuple[int, int, int, int, bytes, bytes]", _FRAME.unpack(frame))
    if key is None:
        raise SnapshotKeyNeeded(place=place)
    is_dear = cost and 128 * block << cost > _LARGEST
    is_known = method == _BY_KEY or (method == _BY_PASSPHRASE and cost and block and 0 < parallel <= _MOST)
    if is_dear or not is_known:
        raise SnapshotDamaged(place=place, problem="what it tells of its keys makes no sense")
    if (method == _BY_PASSPHRASE) != isinstance(key, str):
        raise SnapshotKeyWrong(place=place)
    secret = _secret(key, salt, cost, block, parallel)
    if not secrets.compare_digest(_derived(secret, "check")[:16], check):
        raise SnapshotKeyWrong(place=place)
    return Seal(frame, secret)


def _secret(key: Key, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    if isinstance(key, bytes):
        if len(key) != _KEY_SIZE:
            raise ValueInvalid(what="the key of a snapshot", problem=f"it has {len(key)} bytes instead of {_KEY_SIZE}")
        return key + salt
    if not key:
        raise ValueInvalid(what="the passphrase of a snapshot", problem="it is empty")
    most = 256 * block * (1 << cost) + (1 << 20)
    return hashlib.scrypt(
        key.encode("utf-8", "surrogatepass"), salt=salt, n=1 << cost, r=block, p=parallel, maxmem=most, dklen=_KEY_SIZE
    )


def _derived(secret: bytes, purpose: str) -> bytes:
    return blake3(secret, derive_key_context=_PURPOSE.format(purpose)).digest()


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _cipher(key: bytes) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # optional extra
    except ImportError as error:
        raise ExtraMissing(what="an encrypted snapshot", package="cryptography", extra="encryption") from error
    return AESGCM(key)
