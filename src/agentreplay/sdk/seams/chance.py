"""Chance: the numbers of the global generator, the seeds of others, and what the system gives.

Each number of the global generator is read, because threads and tasks share it. What a seed the program gave
makes of a generator of its own is the same in every run and is not read at all.
"""

import os
import random
import uuid
from collections.abc import Callable
from types import CodeType
from typing import Any

from agentreplay.sdk.patching import Patches
from agentreplay.sdk.places import frame_at
from agentreplay.sdk.scope import boundary
from agentreplay.sdk.silence import silence

__all__ = ["install"]

_SEED_BYTES = 32
_urandom = os.urandom
_draw, _draw_bits = random.Random.random, random.Random.getrandbits
_HERE = random.__file__
_RANDOM = "uuid.uuid4"
_SAFETY = {safe.value: safe for safe in uuid.SafeUUID}


def install(patches: Patches) -> None:
    """Read chance through the boundary."""
    _share(patches)
    _seed(patches)
    _ask_the_system(patches)
    _name(patches)


def _caller() -> CodeType:
    """Who called what is patched here, be it through other functions of `random`."""
    frame = frame_at(2)
    while frame.f_code.co_filename == _HERE and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code


class _Shared(random.Random):  # the generator behind the functions of the module
    """Draws as ever, so that it goes on where it was; what is drawn is read."""

    def random(self) -> float:
        drawn = _draw(self)
        found = boundary()
        return drawn if found is None else found.read("random.random", _caller(), lambda: drawn)

    def getrandbits(self, k: int, /) -> int:
        drawn = _draw_bits(self, k)
        found = boundary()
        return drawn if found is None else found.read("random.getrandbits", _caller(), lambda: drawn)


def _share(patches: Patches) -> None:
    shared: Any = getattr(random, "_inst", None)
    if type(shared) is not random.Random:
        return
    shared.__class__ = _Shared

    def put_back() -> None:
        shared.__class__ = random.Random

    patches.later(put_back)
    # These two are methods of C, bound to the class that was; the others find them by name.
    patches.replace(random, "random", shared.random)
    patches.replace(random, "getrandbits", shared.getrandbits)


def _seed(patches: Patches) -> None:
    original = random.Random.seed

    def seed(generator: random.Random, a: Any = None, version: int = 2) -> None:
        if a is None and (found := boundary()) is not None:
            a = int.from_bytes(found.read("random.seed", _caller(), lambda: _urandom(_SEED_BYTES)), "big")
        original(generator, a, version)

    patches.replace(random.Random, "seed", seed)
    shared = getattr(random, "_inst", None)
    if shared is not None:
        patches.replace(random, "seed", shared.seed)


def _ask_the_system(patches: Patches) -> None:
    """`secrets`, `SystemRandom` and the entropy of numpy come from here as well."""

    def urandom(size: int, /) -> bytes:
        found = boundary()
        return _urandom(size) if found is None else found.read("os.urandom", _caller(), lambda: _urandom(size))

    patches.replace(os, "urandom", urandom)
    if hasattr(random, "_urandom"):
        patches.replace(random, "_urandom", urandom)


def _name(patches: Patches) -> None:
    for name in ("uuid1", "uuid4", "uuid6", "uuid7", "uuid8"):
        if hasattr(uuid, name):
            patches.replace(uuid, name, _naming(name, getattr(uuid, name)))


def _random_name() -> list[Any]:
    """A `uuid4`, of which frameworks make hundreds in a run, as it is made below."""
    data = bytearray(_urandom(16))
    data[6] = data[6] & 0x0F | 0x40
    data[8] = data[8] & 0x3F | 0x80
    return [bytes(data), uuid.SafeUUID.unknown.value]


def _naming(name: str, original: Callable[..., uuid.UUID]) -> Callable[..., uuid.UUID]:
    place = f"uuid.{name}"

    def named(*arguments: Any, **options: Any) -> uuid.UUID:
        found = boundary()
        if found is None:
            return original(*arguments, **options)

        def live() -> list[Any]:
            with silence():
                made = original(*arguments, **options)
            return [made.bytes, made.is_safe.value]

        is_plain = place == _RANDOM and not (arguments or options)
        data, safe = found.read(place, _caller(), _random_name if is_plain else live)
        return uuid.UUID(bytes=data, is_safe=_SAFETY[safe])

    return named
