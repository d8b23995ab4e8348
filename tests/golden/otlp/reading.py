"""The captures: what emitters sent, and what the normaliser is expected to read in it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import msgspec

from agentreplay.contents.messages import join
from agentreplay.intake.normalise import Normalised, grade, normalise
from agentreplay.intake.otlp import reading as otlp
from agentreplay.intake.otlp.sources import Origin
from agentreplay.intake.otlp.wire import Signal
from agentreplay.model.ids import ContentHash, ProjectId, TenantId
from agentreplay.model.span import Span
from agentreplay.model.time import Nanoseconds
from tests.golden.otlp.decode import decode

__all__ = ["CAPTURES", "expected_of", "names", "normalised", "read", "write_expected"]

CAPTURES = Path(__file__).parent / "captures"

_LONGEST = 8_000
_RECEIVED = Nanoseconds(0)
_TOLD = "session kind name agent iteration model provider tool status status_message cost".split()


def names() -> list[str]:
    """The captures there are."""
    return sorted(folder.name for folder in CAPTURES.iterdir() if folder.is_dir())


def read(name: str) -> list[Span]:
    """The spans of a capture as they came."""
    paths = sorted((CAPTURES / name).glob("*.pb"))
    requests = [(cast("Signal", path.suffixes[0][1:]), path.read_bytes()) for path in paths]
    if any(signal == "traces" for signal, _ in requests):
        return decode(requests)
    # Who sends no traces is read as the server reads it: each record and each point is a span of its own.
    origin = Origin(TenantId("local"), ProjectId("default"), is_told=False)
    batches = [otlp.read(signal, "protobuf", data, origin, _RECEIVED) for signal, data in requests]
    return [span for batch in batches for span in batch.spans]


def normalised(name: str) -> list[Normalised]:
    """The spans of a capture, understood."""
    return [normalise(span) for span in read(name)]


def expected_of(name: str) -> list[dict[str, Any]]:
    """What is read in a capture, as JSON; attributes are left out, because they are those of the capture."""
    return [_told(found) for found in normalised(name)]


def write_expected(name: str, expected: Iterable[dict[str, Any]]) -> None:
    """Keep what is read in a capture."""
    text = json.dumps(list(expected), indent=1, ensure_ascii=False)
    (CAPTURES / name / "expected.json").write_text(text + "\n", encoding="utf-8")


def _told(found: Normalised) -> dict[str, Any]:
    span = found.span
    contents = {content.hash: content.data for content in found.contents}
    told: dict[str, Any] = {name: getattr(span, name) for name in _TOLD if getattr(span, name) not in (None, "")}
    if span.usage.total:
        told["usage"] = msgspec.to_builtins(span.usage)
    told |= {key: value for key, value in span.attributes.items() if key.startswith("agentreplay.")}
    told["grade"] = grade(span)
    if span.context is not None:
        told["messages"] = join(span.context, found.links, contents.__getitem__)
    for kept in span.kept:
        told[kept.role] = _content(contents[ContentHash(kept.hash)])
    return told


def _content(data: bytes) -> Any:
    if len(data) > _LONGEST:
        return {"bytes": len(data), "beginning": data[:80].decode("utf-8", "replace")}
    try:
        return json.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")
