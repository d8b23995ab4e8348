"""What the programs of model SDKs share: each ability is a session of its own, its client wrapped or instrumented.

The one argument is `wrap`, `instrument`, or `run` for a program that is recorded from outside, in one session.
"""

import asyncio
import base64
import inspect
import json
import struct
import sys
import zlib
from contextlib import nullcontext
from operator import attrgetter

import agentreplay

HOW = sys.argv[1] if len(sys.argv) > 1 else "run"
WORDS = "How is the weather in Paris?"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
SHAPE = {**SCHEMA, "additionalProperties": False}


def _dots() -> bytes:
    dots, state = [], 1
    for _ in range(32 * 96):
        state = state * 48_271 % 2_147_483_647
        dots.append(state % 256 // 4 * 3)
    rows = b"".join(b"\0" + bytes(dots[row * 96 : row * 96 + 96]) for row in range(32))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


PICTURE = _dots()
SOUND = (
    b"RIFF\x24\x10\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\x10\0\0"
    + bytes(range(256)) * 16
)
PICTURE_TEXT = base64.b64encode(PICTURE).decode()
SOUND_TEXT = base64.b64encode(SOUND).decode()


def heard(client):
    """The client, wrapped where that is what is to be shown."""
    return agentreplay.wrap(client) if HOW == "wrap" else client


def show(*abilities, absent=None, lacks=None):
    """Use one ability after the other, and tell which of them the client lacks: those have no such attribute."""
    if HOW == "instrument":
        agentreplay.instrument()
    for ability in abilities:
        with nullcontext() if HOW == "run" else agentreplay.session(ability.__name__):
            used = ability()
            if inspect.isawaitable(used):
                asyncio.run(used)
    missing = {}
    for ability, names in (lacks or {}).items():
        there = [name for name in names.split() if _has(absent, name)]
        if there:
            raise SystemExit(f"{ability} is there by now: {there}")
        missing[ability] = names
    print(json.dumps(sorted(missing)))


def _has(client, name):
    try:
        attrgetter(name)(client)
    except AttributeError:
        return False
    return True
