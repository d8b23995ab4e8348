"""Speech and what is heard in it, in OpenAI's words, which Mistral and Cohere speak too: said aloud, written down."""

import base64
from collections.abc import Sequence

import msgspec.structs

from agentreplay.intake.providers import complaints, hosts, openai, samples, sse, wire
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken
from agentreplay.intake.providers.wire import count, mapping, text
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value

__all__ = ["SPEECH", "TRANSCRIPTION", "answer", "ask", "speak"]

SPEECH = "openai.speech"
TRANSCRIPTION = "openai.transcription"

_VERBS = {
    "/audio/speech": (SPEECH, "speak"),
    "/audio/transcriptions": (TRANSCRIPTION, "transcribe"),
    "/audio/translations": (TRANSCRIPTION, "translate"),
}
_SPEECH = "voice", "voice_id", "response_format", "speed"
_TRANSCRIPTION = "language", "response_format", "temperature"
_PLAIN = frozenset({"text", "srt", "vtt"})
"""The formats in which a transcript is no JSON."""
_BAD_REQUEST = 400
_GOOD = 200
_ENDS = ("transcript.text.done", "transcription.done", "speech.audio.done")


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words. What is to be heard comes as a form."""
    said = mapping(body)
    path = hosts.path(url)
    found = next((found for end, found in _VERBS.items() if path.endswith(end)), None)
    if found is None or not said.keys() & {"input", "file", "file_url", "file_id"}:
        return None
    dialect, verb = found
    names = _SPEECH if dialect == SPEECH else _TRANSCRIPTION
    streams = said.get("stream") in (True, "true")
    return Asked(
        provider=hosts.provider(url, "cohere" if path.endswith("/v2/audio/transcriptions") else "openai"),
        dialect=dialect,
        verb=verb,
        model=openai.model(url, said),
        streams=streams or said.get("stream_format") == "sse",
        parameters={name: said[name] for name in names if said.get(name) is not None},
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
    """Understand an answer, whole or cut short. Never raises. Of speech it has no message: the sound stays a body."""
    data = b"".join(chunks)
    if status >= _BAD_REQUEST:
        return Answered(error=complaints.complaint(status, chunks))
    if asked.streams and not wire.is_json(chunks):
        return _streamed(asked, chunks)
    if wire.is_json(chunks):
        body = mapping(wire.parse(data))
        problem = complaints.problem(status, data)
        return _understood(asked, body, text(body.get("text")), complete=bool(body), error=problem)
    if asked.dialect == SPEECH:
        return Answered(complete=bool(data))
    said = data.decode("utf-8", "replace")
    return Answered(message=said or None, text=said, complete=bool(data))


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:  # noqa: ARG001  # neither has an id
    """Say the reply in these words: as text, or as a sound that is the same for every text."""
    if reply.status != _GOOD:
        return openai.speak_error(reply)
    used: dict[str, Value] = {"usage": _tell(asked, reply.usage)} if reply.usage else {}
    if asked.dialect == SPEECH:
        return _spoken_aloud(asked, used)
    if asked.streams:
        return _written_in_pieces(asked, reply, used)
    if asked.parameters.get("response_format") in _PLAIN:
        return Spoken(status=_GOOD, media="text/plain", chunks=(reply.text.encode(),))
    named: dict[str, Value] = {"model": asked.model or "", "language": None} if _is_mistral(asked) else {}
    return Spoken(status=_GOOD, media=openai.JSON, chunks=(wire.to_json({"text": reply.text, **named, **used}),))


def _spoken_aloud(asked: Asked, used: dict[str, Value]) -> Spoken:
    sound = base64.b64encode(samples.sound()).decode()
    if asked.streams:
        name = "audio_data" if _is_mistral(asked) else "audio"
        events: list[dict[str, Value]] = [
            {"type": "speech.audio.delta", name: sound},
            {"type": "speech.audio.done", **used},
        ]
        return _events(events)
    if _is_mistral(asked):
        return Spoken(status=_GOOD, media=openai.JSON, chunks=(wire.to_json({"audio_data": sound}),))
    return Spoken(status=_GOOD, media="audio/wav", chunks=(samples.sound(),))


def _written_in_pieces(asked: Asked, reply: Reply, used: dict[str, Value]) -> Spoken:
    pieces = wire.pieces(reply.text)
    if _is_mistral(asked):
        whole: dict[str, Value] = {"model": asked.model or "", "text": reply.text, "language": None, **used}
        parts: list[dict[str, Value]] = [{"type": "transcription.text.delta", "text": piece} for piece in pieces]
        return _events([*parts, {"type": "transcription.done", **whole}])
    parts = [{"type": "transcript.text.delta", "delta": piece} for piece in pieces]
    return _events([*parts, {"type": "transcript.text.done", "text": reply.text, **used}])


def _events(events: Sequence[dict[str, Value]]) -> Spoken:
    chunks = tuple(sse.say(wire.to_json(event), text(event["type"])) for event in events)
    return Spoken(status=_GOOD, media=openai.EVENTS, chunks=chunks)


def _streamed(asked: Asked, chunks: Sequence[bytes]) -> Answered:
    pieces: list[str] = []
    last: dict[str, Value] = {}
    first, problem = None, None
    for number, event in sse.events(chunks):
        told = mapping(wire.parse(event.data))
        kind = text(told.get("type")) or event.name
        if kind == "error":
            problem = complaints.problem(_BAD_REQUEST, event.data)
        elif kind in _ENDS:
            last = told
        elif kind.endswith(".delta"):
            first = number if first is None else first
            pieces.append(text(told.get("delta")) or text(told.get("text")))
    said = text(last.get("text")) or "".join(pieces)
    answered = _understood(asked, last, said, complete=bool(last) and problem is None, error=problem)
    return msgspec.structs.replace(answered, first_token=first)


def _understood(asked: Asked, body: dict[str, Value], said: str, *, complete: bool, error: str | None) -> Answered:
    return Answered(
        message=said or None,
        text=said,
        usage=_usage(body.get("usage"), speaks=asked.dialect == SPEECH),
        model=text(body.get("model")) or None,
        complete=complete,
        error=error,
    )


def _usage(told: Value, *, speaks: bool) -> Usage:
    """The tokens, where they are told and not the seconds: sound is all that is said aloud, and of what is heard as
    much as is told so.
    """
    raw = mapping(told)
    if speaks:
        whole = openai.usage(raw)
        return msgspec.structs.replace(whole, output=0, audio_out=whole.output + whole.audio_out)
    read = mapping(raw.get("input_token_details"))
    if "audio_tokens" not in read:
        return openai.usage(raw)
    audio = min(count(read["audio_tokens"]), count(raw.get("input_tokens")))
    return Usage(input=count(raw.get("input_tokens")) - audio, audio_in=audio, output=count(raw.get("output_tokens")))


def _tell(asked: Asked, used: Usage) -> dict[str, Value]:
    if _is_mistral(asked):
        return openai.tell_usage(used, "prompt", "completion")
    read = msgspec.structs.replace(NO_USAGE, input=used.input + used.cache_read, audio_in=used.audio_in)
    return {
        "type": "tokens",
        "input_tokens": read.total,
        "input_token_details": {"text_tokens": read.input, "audio_tokens": read.audio_in},
        "output_tokens": used.total - used.input - used.cache_read - used.audio_in,
        "total_tokens": used.total,
    }


def _is_mistral(asked: Asked) -> bool:
    """Whether to speak as Mistral does, whose models of sound are called so wherever they run."""
    return asked.provider == "mistral_ai" or (asked.model or "").startswith("voxtral")
