"""Images, sounds and other data that stand in texts as base64: taken out to be kept by themselves, put back exactly."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, cast

from agentreplay.contents.usual import REFERENCE, SHORTEST_MEDIA
from agentreplay.model.content import OCTETS, Content
from agentreplay.model.ids import ContentHash
from agentreplay.model.values import Value

__all__ = ["Encoded", "joined", "media_type", "media_value", "parted", "read_encoded", "referred"]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_ALPHABET = frozenset(_LETTERS)
_rest_of_run = re.compile(r"[A-Za-z0-9+/_-]*={0,2}").match
_FOR_URLS = "for_urls"
_MANY = 128
"""A text has no more different bytes than these."""
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
)
_IN_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp"}


class Encoded(NamedTuple):
    """Data that stands in a text as base64."""

    data: bytes
    is_for_urls: bool
    """Whether it is spelled with the two signs that addresses allow, as Google does."""

    def reference(self, content: Content) -> dict[str, Value]:
        """What stands for it once the data is a content."""
        return {REFERENCE: content.hash, _FOR_URLS: True} if self.is_for_urls else {REFERENCE: content.hash}

    def text(self) -> str:
        """The base64."""
        encode = base64.urlsafe_b64encode if self.is_for_urls else base64.b64encode
        return encode(self.data).decode()


def read_encoded(text: str) -> Encoded | None:
    """The data of base64 that encodes to the very same text again; None for what is none, or holds only text."""
    is_for_urls = "-" in text or "_" in text
    try:
        data = base64.b64decode(text, b"-_" if is_for_urls else None, validate=True)
    except (binascii.Error, ValueError):
        return None
    found = Encoded(data, is_for_urls)
    return found if found.text() == text and _looks_binary(data) else None


def referred(reference: Mapping[str, Value], content: Callable[[ContentHash], bytes]) -> str:
    """The base64 that a reference stands for; `content` finds the bytes of a hash."""
    return Encoded(content(ContentHash(reference[REFERENCE])), bool(reference.get(_FOR_URLS))).text()


def media_type(data: bytes) -> str:
    """What kind of data it is by its first bytes, as far as models take and give such."""
    if data.startswith(b"RIFF"):
        return _IN_RIFF.get(data[8:12], OCTETS)
    return next((media for beginning, media in _BEGINNINGS if data.startswith(beginning)), OCTETS)


def media_value(data: bytes, media: str) -> dict[str, Value] | None:
    """What an image or a sound says of itself, as a file in a form does; None of other data.

    Its kind is the one that it is sent as, else the one that its first bytes tell.
    """
    kind = media_type(data) if media in {"", OCTETS} else media
    return {"media": kind, "bytes": len(data)} if data and kind.startswith(("image/", "audio/")) else None


def parted(text: str) -> tuple[list[Value], list[Content]] | None:
    """The text in stretches, with a reference for each that is base64, and what they refer to; None without any."""
    stretches: list[Value] = []
    contents: list[Content] = []
    behind = 0
    for begin, end in _runs(text):
        found = read_encoded(text[begin:end])
        if found is not None:
            content = Content.of(found.data, media_type(found.data))
            contents.append(content)
            stretches += [text[behind:begin], found.reference(content)]
            behind = end
    return ([*stretches, text[behind:]], contents) if contents else None


def joined(stretches: Sequence[Value], content: Callable[[ContentHash], bytes]) -> str:
    """The text that was parted; `content` finds the bytes of a hash."""
    return "".join(
        stretch if isinstance(stretch, str) else referred(cast("dict[str, Value]", stretch), content)
        for stretch in stretches
    )


def _runs(text: str) -> list[tuple[int, int]]:
    """Where letters of base64 stand, so many in a row that one of them is at a multiple of their least number.

    Most texts have none, and are found out by a look at every thousandth letter.
    """
    runs: list[tuple[int, int]] = []
    behind = 0
    for place in range(SHORTEST_MEDIA - 1, len(text), SHORTEST_MEDIA):
        if place < behind or text[place] not in _ALPHABET:
            continue
        floor = max(behind, place - SHORTEST_MEDIA)
        begin = floor + len(text[floor:place].rstrip(_LETTERS))
        match = _rest_of_run(text, place)
        behind = match.end() if match else place
        if behind - begin >= SHORTEST_MEDIA:
            runs.append((begin, behind))
    return runs


def _looks_binary(data: bytes) -> bool:
    # A long run of letters is valid base64 as well; it stays text unless it decodes to something with a zero.
    return b"\x00" in data or len(set(data[:512])) > _MANY
