"""Hugging Face's own tasks: images, speech, transcripts and embeddings of a model that the address names.

Most addresses name the model and not the task. What the caller wants back tells of images; all else is told by
what was put in and what came out.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence

import msgspec.structs

from agentreplay.contents.media import media_type
from agentreplay.intake.providers import complaints, hosts, samples
from agentreplay.intake.providers.openai_embeddings import vector
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken
from agentreplay.intake.providers.wire import is_json, mapping, parse, sequence, text, to_json
from agentreplay.model.values import Value

__all__ = ["EMBED", "TASK", "answer", "ask", "speak", "wanting"]

TASK, EMBED = "huggingface.task", "huggingface.embed"

_JSON = "application/json"
_GOOD, _FIRST_ERROR = 200, 400
_UNTOLD, _EMBED = "ask", "embed"
_VERBS = {
    "text-to-image": "draw",
    "image-to-image": "edit",
    "text-to-speech": "speak",
    "automatic-speech-recognition": "transcribe",
    "feature-extraction": _EMBED,
}
_AFTER = {
    ("text", "image"): "draw",
    ("image", "image"): "edit",
    ("text", "audio"): "speak",
    ("audio", "text"): "transcribe",
}
"""What was done, by what was put in and what came out."""
_PARAMETERS = {
    **{name: name for name in ("seed", "temperature", "top_k", "top_p", "width", "height", "dimensions")},
    **{name: name for name in ("num_inference_steps", "guidance_scale", "scheduler", "normalize", "truncate")},
    "max_new_tokens": "max_tokens",
}
_TEXTS = "text", "generated_text", "summary_text", "translation_text"
"""The fields in which models answer with words."""
_USUAL_DIMENSIONS = 384
_BEGINNING = 64
"""Letters of base64 that tell what kind of data it is."""

_at_model = re.compile(r"(.*)/models/([^/]+(?:/[^/]+)?)(?:/pipeline/([a-z-]+))?").fullmatch
_at_task = re.compile(r"/pipeline/([a-z-]+)/([^/]+(?:/[^/]+)?)").fullmatch


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request, or None when it is not in these words. What is no JSON comes as its kind and size."""
    said = mapping(body)
    given = _given(said)
    place = _place(url) if given and not said.get("stream") else None
    if place is None:
        return None
    model, task = place
    verb = _VERBS.get(task) if task else _UNTOLD
    if verb is None:
        return None
    return Asked(
        provider=hosts.provider(url, "huggingface"),
        dialect=EMBED if verb == _EMBED else TASK,
        kind="embedding" if verb == _EMBED else "llm",
        verb=_UNTOLD if verb == _EMBED else verb,
        model=hosts.unquoted(model) or None,
        framing=given,
        parameters=_parameters({**said, **mapping(said.get("parameters"))}),
        inputs=max(1, len(sequence(said.get("inputs")))),
    )


def wanting(asked: Asked, accept: str) -> Asked:
    """The same of one who wants this kind of answer, by the header of that name."""
    if asked.verb != _UNTOLD or asked.dialect != TASK or not accept.strip().lower().startswith("image/"):
        return asked
    return msgspec.structs.replace(asked, verb=_AFTER.get((asked.framing, "image"), _UNTOLD))


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
    """Understand an answer, whole or cut short. Never raises. Only words are a message: the rest stays a body."""
    if status >= _FIRST_ERROR:
        return Answered(error=complaints.complaint(status, chunks))
    data = b"".join(chunks)
    if not is_json(chunks):
        return Answered(complete=bool(data), verb=_done(asked, media_type(data).partition("/")[0]))
    value = parse(data)
    if asked.dialect == EMBED or _is_vector(value):
        verb = None if asked.dialect == EMBED else _EMBED
        return Answered(complete=bool(value), error=complaints.problem(status, data), verb=verb)
    told = mapping(value) or mapping(next(iter(sequence(value)), None))
    said = next((text(told[name]) for name in _TEXTS if name in told), None)
    return Answered(
        message=said or None,
        text=said or "",
        complete=value is not None,
        error=complaints.problem(status, data),
        verb=None if said is None else _done(asked, "text"),
    )


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in these words: with images, sounds and vectors that are the same in every run, for it has none."""
    if reply.status != _GOOD:
        return Spoken(status=reply.status, media=_JSON, chunks=(to_json({"error": reply.text}),))
    if asked.dialect == EMBED:
        wanted = asked.parameters.get("dimensions", _USUAL_DIMENSIONS)
        vectors: list[Value] = [vector(number + place, wanted) for place in range(asked.inputs)]
        return _in_json(vectors if asked.framing == "texts" else vectors[0])
    match asked.verb:
        case "draw" | "edit":
            return Spoken(status=_GOOD, media="image/png", chunks=(samples.picture(),))
        case "speak":
            return Spoken(status=_GOOD, media="audio/wav", chunks=(samples.sound(),))
        case "transcribe":
            return _in_json({"text": reply.text})
        case _:
            return _in_json({"text": reply.text} if asked.framing == "audio" else [{"generated_text": reply.text}])


def _in_json(value: Value) -> Spoken:
    return Spoken(status=_GOOD, media=_JSON, chunks=(to_json(value),))


def _place(url: str) -> tuple[str, str] | None:
    """The model and the task at an address, each empty where it tells none; None of addresses of others."""
    path = hosts.path(url)
    is_theirs = hosts.provider(url, "") == "huggingface"
    if is_theirs and not path:
        return "", ""
    if is_theirs and (found := _at_task(path)):
        return found[2], found[1]
    found = _at_model(path)
    if found is None:
        return None
    before, model, task = found.groups("")
    is_inference = before.endswith("/hf-inference") or (is_theirs and not before)
    return (model, task) if is_inference or task in _VERBS else None


def _given(said: Mapping[str, Value]) -> str:
    """What is put in: `text`, `texts`, `image`, `audio`, or nothing that is known."""
    inputs = said.get("inputs")
    if isinstance(inputs, str):
        kind = media_type(_decoded(inputs)).partition("/")[0]
        return kind if kind in {"image", "audio"} else "text"
    if inputs is not None:
        texts = sequence(inputs)
        return "texts" if texts and all(isinstance(item, str) for item in texts) else ""
    kind = text(said.get("media")).partition("/")[0]
    return kind if "bytes" in said and kind in {"image", "audio"} else ""


def _decoded(letters: str) -> bytes:
    """The first bytes of what may be base64; nothing where it is none, or too short for an image or a sound."""
    try:
        return base64.b64decode(letters[:_BEGINNING], validate=True) if len(letters) >= _BEGINNING else b""
    except (binascii.Error, ValueError):
        return b""


def _parameters(said: Mapping[str, Value]) -> dict[str, Value]:
    return {name: said[key] for key, name in _PARAMETERS.items() if said.get(key) is not None}


def _done(asked: Asked, came: str) -> str | None:
    """What was done, where the request did not tell it and the answer does."""
    return _AFTER.get((asked.framing, came)) if asked.verb == _UNTOLD else None


def _is_vector(value: Value) -> bool:
    while sequence(value):
        value = sequence(value)[0]
    return isinstance(value, int | float) and not isinstance(value, bool)
