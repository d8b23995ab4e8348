"""What a recording shows of each ability of the model SDKs: the table of docs/reference/sdks.md.

`python -m tests.slow.sdks [PROGRAM …]` looks anew and writes it to tests/golden/sdks.json.
"""

import json
import runpy
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agentreplay.intake.prices import cost
from agentreplay.intake.providers import Asked, Reply, ToolCall, samples
from agentreplay.intake.providers.wire import to_json
from agentreplay.model.call import Call
from agentreplay.model.content import Content
from agentreplay.model.span import Span
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value
from agentreplay.testing import ScriptedModels
from tests.sdk.home import Home
from tests.slow.test_programs import PROGRAMS, Desk, python_of

__all__ = ["ABILITIES", "HOWS", "KEPT", "SDKS", "kept", "look", "main", "speaks"]

KEPT = Path(__file__).resolve().parent.parent / "golden" / "sdks.json"
SDKS = {
    "sdk_anthropic": "anthropic",
    "sdk_bedrock": "boto3 (Bedrock)",
    "sdk_cohere": "cohere",
    "sdk_gemini": "google-genai",
    "sdk_huggingface": "huggingface_hub",
    "sdk_mistral": "mistralai",
    "sdk_ollama": "ollama",
    "sdk_openai": "openai",
}
"""By the program that uses it."""
HOWS = ("wrap", "instrument")

_GIVEN = runpy.run_path(str(PROGRAMS / "abilities.py"))
"""What the programs show and play to models."""
_CITY = '{"city":"Paris"}'
_THOUGHT = "Well."
_USAGE = Usage(input=80, output=10)
_CACHED = Usage(input=60, cache_read=20, output=10)
_HEARD = Usage(input=20, audio_in=60, output=10)
_DRAWN = Usage(input=20, output=0, image_out=70)
_THOUGHT_OUT = Usage(input=80, output=10, reasoning=30)
_TOLD = {
    "draw": Reply(usage=_DRAWN),
    "edit": Reply(usage=_DRAWN),
    "transcribe": Reply(text="It is sunny.", usage=_HEARD),
}
# What stands in the bodies of requests that want a shape, thoughts, or something from a cache.
_SHAPES = b'"schema"', b"responseSchema", b"json_schema", b"json_object", b'"format":{'
_THOUGHTS = b"thinking", b"reasoning", b'"think":true', b"includeThoughts"
_CACHES = b"cachedContent", b"cache_control", b"cachePoint", b"prompt_cache_key", b"is cached"
_HASHES = {
    "given picture": Content.of(_GIVEN["PICTURE"]).hash,
    "given sound": Content.of(_GIVEN["SOUND"]).hash,
    "made picture": Content.of(samples.picture()).hash,
    "made sound": Content.of(samples.sound()).hash,
}


class _Seen(NamedTuple):
    """What one session holds."""

    models: Sequence[Span]
    """Models that were asked."""
    calls: Sequence[Call]

    def holds(self, what: str) -> bool:
        """Whether each of these calls holds an image or a sound as a content of its own, and not in a text."""
        return all(any(kept.hash == _HASHES[what] for kept in span.kept) for span in self.models)


_Check = Callable[[_Seen], bool]


def _first_pieces(seen: _Seen) -> bool:
    return all("gen_ai.response.time_to_first_chunk" in span.attributes for span in seen.models)


def _is_told(seen: _Seen, words: bytes) -> bool:
    return any(words in call.answer.body for call in seen.calls if call.answer is not None)


def _tools(seen: _Seen) -> bool:
    first, second = seen.calls
    is_called = first.answer is not None and b"weather" in first.answer.body
    return is_called and b"sunny" in second.request.body and seen.models[1].status == "ok"


def _batches(seen: _Seen) -> bool:
    told = [span for span in seen.models if "agentreplay.batch.key" in span.attributes]
    return len(told) == len(seen.models) == 2 and all(span.cost == _half(span) for span in told)


def _half(span: Span) -> int | None:
    """What it costs in a batch; None where the model has no price there, as Mistral's has none at OpenAI."""
    whole = cost(span.provider or "", span.model or "", _USAGE, span.start)
    return None if whole is None else whole // 2


_CHECKS: dict[str, _Check] = {
    "sync": lambda seen: all(span.usage == _USAGE for span in seen.models),
    "asynchronous": lambda seen: seen.models[0].usage == _USAGE and _is_told(seen, b"sunny"),
    "streams": _first_pieces,
    "structured_output": lambda seen: (
        all(b'"city"' in call.request.body.replace(b"\\", b"") for call in seen.calls) and _is_told(seen, b"Paris")
    ),
    "tools": _tools,
    "images_in": lambda seen: seen.holds("given picture"),
    "images_out": lambda seen: seen.holds("made picture"),
    "images_edited": lambda seen: seen.holds("given picture") and seen.holds("made picture"),
    "audio_in": lambda seen: seen.holds("given sound"),
    "speech": lambda seen: seen.holds("made sound"),
    "transcription": lambda seen: seen.holds("given sound") and _is_told(seen, b"sunny"),
    "embeddings": lambda seen: all(span.kind == "embedding" for span in seen.models),
    "batches": _batches,
    "reasoning": lambda seen: _is_told(seen, _THOUGHT.encode()),
    "prompt_caching": lambda seen: all(span.usage.cache_read == _CACHED.cache_read for span in seen.models),
}
ABILITIES = tuple(_CHECKS)


def speaks(asked: Asked, body: Value) -> Reply:
    """What models say to the programs; to what an ability asks for they say it."""
    words = to_json(body)
    if asked.kind != "llm":
        return Reply(usage=Usage(input=3))
    if asked.verb in _TOLD:
        return _TOLD[asked.verb]
    if asked.tools and b"sunny" not in words:
        return Reply(tool_calls=(ToolCall(name="weather", arguments={"city": "Paris"}),), usage=_USAGE)
    if any(word in words for word in _SHAPES):
        return Reply(text=_CITY, usage=_USAGE)
    if any(word in words for word in _THOUGHTS):
        return Reply(text="It is sunny.", reasoning=_THOUGHT, usage=_THOUGHT_OUT)
    is_cached = any(word in words for word in _CACHES)
    return Reply(text="It is sunny.", usage=_CACHED if is_cached else _USAGE)


def look(program: str, how: str, folder: Path) -> dict[str, str]:
    """Run a program with its clients wrapped or instrumented; returns by ability whether it is seen.

    `seen`, or `lacking` where the SDK has no such thing. What is not shown is not seen.
    """
    asked: list[tuple[Asked, Value]] = []

    def counted(one: Asked, body: Value) -> Reply:
        asked.append((one, body))
        return speaks(one, body)

    with ScriptedModels(counted) as models:
        desk = Desk(folder / "data", models.url, python_of("programs"))
        done = desk.run(desk.python, str(PROGRAMS / f"{program}.py"), how)
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    home = Home(desk.folder)
    listed = json.loads(desk.agentreplay("--json", "sessions", "list", "--limit", "100").stdout)["items"]
    found = {home.row(one["id"]).session.name or "": str(one["id"]) for one in listed}
    seen = dict.fromkeys(json.loads(done.stdout.splitlines()[-1]), "lacking")
    count = 0
    for ability, session in found.items():
        if troubles := home.troubles(session):
            raise AssertionError(troubles)
        one = _seen(home, session)
        count += len(one.models)
        if one.models and _CHECKS[ability](one):
            seen[ability] = "seen"
    if count != len(asked):
        raise AssertionError(f"{len(asked)} questions were asked, and {count} are told")
    return {ability: seen.get(ability, "unseen") for ability in ABILITIES}


def _seen(home: Home, session: str) -> _Seen:
    spans = home.spans(session)
    models = [span for span in spans if span.kind in {"llm", "embedding", "rerank"}]
    return _Seen(models, home.tape(session).calls)


def kept() -> Mapping[str, Mapping[str, str]]:
    """What was seen when somebody looked last, by program."""
    found: Mapping[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    return found


def main(programs: Sequence[str]) -> None:
    """Look, and write what is seen either way."""
    seen = dict(kept())
    for program in programs or sorted(SDKS):
        told: list[dict[str, str]] = []
        for how in HOWS:
            with tempfile.TemporaryDirectory() as folder:
                told.append(look(program, how, Path(folder)))
        if told[0] != told[1]:
            raise AssertionError(f"{program}: wrapped and instrumented differ: {told}")
        seen[program] = told[0]
        text = json.dumps(dict(sorted(seen.items())), indent=1, ensure_ascii=False)
        KEPT.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
