"""Google's Gemini, asked through its own address or through Vertex AI."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from agentreplay.intake.providers import hosts, lines, samples, sse
from agentreplay.intake.providers.complaints import complaint
from agentreplay.intake.providers.openai_embeddings import vector
from agentreplay.intake.providers.protocol import Answered, Asked, Reply, Spoken, ToolCall
from agentreplay.intake.providers.wire import count, is_json, mapping, mappings, parse, pieces, sequence, text, to_json
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value

__all__ = ["EMBED", "EMBED_MANY", "GENERATE", "answer", "ask", "speak"]

GENERATE = "gemini.generate"
EMBED = "gemini.embed"
EMBED_MANY = "gemini.embed_many"
_DIALECTS = {
    "generateContent": GENERATE,
    "streamGenerateContent": GENERATE,
    "embedContent": EMBED,
    "batchEmbedContents": EMBED_MANY,
}
_DECLARATIONS = "functionDeclarations", "function_declarations"
_ARRAY = "array"
_PARAMETERS = {
    "temperature": "temperature",
    "topP": "top_p",
    "topK": "top_k",
    "maxOutputTokens": "max_tokens",
    "stopSequences": "stop_sequences",
    "candidateCount": "choice.count",
    "seed": "seed",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "outputDimensionality": "dimensions",
    "responseModalities": "modalities",
}
_BROUGHT = frozenset({"functionCall", "function_call", "inlineData", "inline_data"})
"""What is an answer beside text."""
_MADE = ("IMAGE", "image/png", samples.picture), ("AUDIO", "audio/wav", samples.sound)
_GOOD = 200
_FIRST_ERROR = 400
_ERRORS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_IMAGES = "IMAGE", "VIDEO"
"""A video is counted as the images it is made of."""


def ask(url: str, body: Value) -> Asked | None:
    """Understand a request to write or to embed; the address names the model and what it is to do."""
    path = hosts.path(url)
    model, _, method = hosts.unquoted(path.rpartition("/")[2]).rpartition(":")
    dialect = _DIALECTS.get(method)
    said = mapping(body)
    if dialect is None or not model or not said:
        return None
    streams = method == "streamGenerateContent"
    is_array = streams and "alt=sse" not in url.partition("?")[2]
    requests = mappings(said.get("requests"))
    config = mapping(_get(said, "generationConfig"))
    if dialect != GENERATE:
        config = requests[0] if requests else said
    return Asked(
        provider=hosts.provider(url, "gcp.vertex_ai" if "/projects/" in path else "gcp.gemini"),
        dialect=dialect,
        kind="llm" if dialect == GENERATE else "embedding",
        model=model,
        context="contents" if isinstance(said.get("contents"), list) else None,
        streams=streams,
        framing=_ARRAY if is_array else "",
        parameters={ours: _get(config, name) for name, ours in _PARAMETERS.items() if _get(config, name) is not None},
        tools=tuple(name for tool in mappings(said.get("tools")) for name in _offered(tool)),
        inputs=len(requests) if dialect == EMBED_MANY else 1,
    )


def answer(asked: Asked, status: int, chunks: Sequence[bytes]) -> Answered:
    """Understand an answer in one piece, as events, or as the elements of an array."""
    if status >= _FIRST_ERROR:
        return Answered(error=complaint(status, chunks))
    if is_json(chunks):
        return _understood(asked, lines.objects(chunks))
    return _understood(asked, ((number, event.data) for number, event in sse.events(chunks)))


def speak(asked: Asked, reply: Reply, number: int) -> Spoken:
    """Say the reply in the shape that was asked for."""
    if reply.status != _GOOD:
        error = {"code": reply.status, "message": reply.text, "status": _ERRORS.get(reply.status, "UNKNOWN")}
        body = to_json([{"error": error}] if asked.framing == _ARRAY else {"error": error})
        return Spoken(status=reply.status, media="application/json", chunks=(body,))
    if asked.kind == "embedding":
        return Spoken(status=_GOOD, media="application/json", chunks=(to_json(_vectors(asked, reply, number)),))
    said = [to_json(part) for part in _responses(asked, reply, number)]
    if not asked.streams:
        return Spoken(status=_GOOD, media="application/json", chunks=tuple(said))
    if asked.framing == _ARRAY:
        array = (*(b",\n"[: 2 * bool(place)] + part for place, part in enumerate(said)), b"]")
        return Spoken(status=_GOOD, media="application/json", chunks=(b"[" + array[0], *array[1:]))
    return Spoken(status=_GOOD, media="text/event-stream", chunks=tuple(map(sse.say, said)))


def _offered(tool: Mapping[str, Value]) -> list[str]:
    """The names of the functions in an entry; a tool that runs at Google has its field for a name."""
    names = [text(function.get("name")) for function in mappings(_get(tool, "functionDeclarations"))]
    return names or [name for name in tool if name not in _DECLARATIONS]


class _Reading:
    """What a row of responses says together."""

    def __init__(self) -> None:
        self.parts: list[dict[str, Value]] = []
        self.usage: dict[str, Value] = {}
        self.head: dict[str, Value] = {}
        self.role = "model"
        self.finish: str | None = None
        self.error: str | None = None
        self.first: int | None = None
        self.is_empty = True

    def take(self, number: int, data: bytes) -> None:
        response = mapping(parse(data))
        self.is_empty = self.is_empty and not response
        self.head |= {name: _get(response, name) for name in ("responseId", "modelVersion") if _get(response, name)}
        self.usage |= mapping(_get(response, "usageMetadata"))
        if "error" in response:
            self.error = complaint(_GOOD, [data])
        feedback = mapping(_get(response, "promptFeedback"))
        if blocked := text(_get(feedback, "blockReason")):
            self.finish, self.error = blocked, text(_get(feedback, "blockReasonMessage")) or blocked
        # Of several candidates the first is the answer.
        for candidate in mappings(response.get("candidates")):
            if not candidate.get("index"):
                self._add(number, candidate)

    def _add(self, number: int, candidate: Mapping[str, Value]) -> None:
        self.finish = text(_get(candidate, "finishReason")) or self.finish
        content = mapping(candidate.get("content"))
        self.role = text(content.get("role")) or self.role
        parts = mappings(content.get("parts"))
        if self.first is None and any(part.get("text") or part.keys() & _BROUGHT for part in parts):
            self.first = number
        self.parts += parts


def _understood(asked: Asked, responses: Iterator[tuple[int, bytes]]) -> Answered:
    reading = _Reading()
    for number, data in responses:
        reading.take(number, data)
    parts = _joined(reading.parts)
    came_to_its_end = reading.finish is not None and reading.error is None if asked.streams else not reading.is_empty
    return Answered(
        message={"role": reading.role, "parts": parts} if parts else None,
        text="".join(text(part.get("text")) for part in parts if not part.get("thought")),
        reasoning="".join(text(part.get("text")) for part in parts if part.get("thought")),
        tool_calls=tuple(_call(part) for part in parts if mapping(_get(part, "functionCall"))),
        finish_reason=reading.finish,
        usage=_usage(reading.usage),
        response_id=text(reading.head.get("responseId")) or None,
        model=text(reading.head.get("modelVersion")) or None,
        first_token=reading.first if asked.streams else None,
        complete=came_to_its_end,
        error=reading.error,
    )


def _call(part: Mapping[str, Value]) -> ToolCall:
    said = mapping(_get(part, "functionCall"))
    return ToolCall(id=text(said.get("id")), name=text(said.get("name")), arguments=said.get("args", {}))


def _joined(parts: list[dict[str, Value]]) -> list[dict[str, Value]]:
    """The parts with neighbouring pieces of the same text put together; a signature stays where it was."""
    joined: list[dict[str, Value]] = []
    run: list[str] = []
    for part in parts:
        is_text = isinstance(part.get("text"), str) and part.keys() <= {"text", "thought"}
        if is_text and run and bool(joined[-1].get("thought")) == bool(part.get("thought")):
            run.append(part["text"])
            continue
        if run:
            joined[-1]["text"] = "".join(run)
        run = [part["text"]] if is_text else []
        joined.append(dict(part))
    if run:
        joined[-1]["text"] = "".join(run)
    return joined


def _usage(said: Mapping[str, Value]) -> Usage:
    read = count(_get(said, "promptTokenCount")) + count(_get(said, "toolUsePromptTokenCount"))
    cached = min(count(_get(said, "cachedContentTokenCount")), read)
    written = count(_get(said, "candidatesTokenCount"))
    details = ("promptTokensDetails", "toolUsePromptTokensDetails"), ("cacheTokensDetails",)
    audio_in = _within(_of_kind(said, details[0], ("AUDIO",)) - _of_kind(said, details[1], ("AUDIO",)), read - cached)
    image_in = _within(
        _of_kind(said, details[0], _IMAGES) - _of_kind(said, details[1], _IMAGES), read - cached - audio_in
    )
    audio_out = _within(_of_kind(said, ("candidatesTokensDetails",), ("AUDIO",)), written)
    image_out = _within(_of_kind(said, ("candidatesTokensDetails",), _IMAGES), written - audio_out)
    return Usage(
        input=read - cached - audio_in - image_in,
        cache_read=cached,
        output=written - audio_out - image_out,
        reasoning=count(_get(said, "thoughtsTokenCount")),
        audio_in=audio_in,
        audio_out=audio_out,
        image_in=image_in,
        image_out=image_out,
    )


def _of_kind(said: Mapping[str, Value], details: Sequence[str], kinds: Sequence[str]) -> int:
    listed = (detail for name in details for detail in mappings(_get(said, name)))
    return sum(count(_get(detail, "tokenCount")) for detail in listed if detail.get("modality") in kinds)


def _within(number: int, most: int) -> int:
    return max(0, min(number, most))


def _counted(usage: Usage) -> dict[str, Value]:
    """The usage in Gemini's words, which know no writing to a cache: that counts as reading."""
    read = usage.input + usage.cache_write_5m + usage.cache_write_1h
    prompt = read + usage.cache_read + usage.audio_in + usage.image_in
    written = usage.output + usage.audio_out + usage.image_out
    said: dict[str, Value] = {
        "promptTokenCount": prompt,
        "cachedContentTokenCount": usage.cache_read,
        "candidatesTokenCount": written,
        "thoughtsTokenCount": usage.reasoning,
        "totalTokenCount": prompt + written + usage.reasoning,
        "promptTokensDetails": _details(TEXT=read + usage.cache_read, AUDIO=usage.audio_in, IMAGE=usage.image_in),
        "candidatesTokensDetails": _details(TEXT=usage.output, AUDIO=usage.audio_out, IMAGE=usage.image_out),
    }
    return {name: value for name, value in said.items() if value or name in {"promptTokenCount", "totalTokenCount"}}


def _details(**counts: int) -> list[Value]:
    return [{"modality": modality, "tokenCount": number} for modality, number in counts.items() if number]


def _responses(asked: Asked, reply: Reply, number: int) -> Iterator[dict[str, Value]]:
    """The one response, or those that make it up when it is to stream."""
    calls: list[dict[str, Value]] = []
    for call in reply.tool_calls:
        said: dict[str, Value] = {"id": call.id} if call.id else {}
        said |= {"name": call.name, "args": mapping(None) if call.arguments is None else call.arguments}
        calls.append({"functionCall": said})
    thoughts = pieces(reply.reasoning) if asked.streams else [reply.reasoning]
    words = pieces(reply.text) if asked.streams else [reply.text]
    parts: list[dict[str, Value]] = [{"text": piece, "thought": True} for piece in thoughts if piece]
    parts += [{"text": piece} for piece in words if piece]
    parts += _media(asked)
    parts += calls
    messages = [[part] for part in parts] if asked.streams and parts else [parts]
    for place, message in enumerate(messages):
        candidate: dict[str, Value] = {"content": {"role": "model", "parts": message}, "index": 0}
        response: dict[str, Value] = {
            "candidates": [candidate],
            "modelVersion": asked.model or "",
            "responseId": f"response-{number}",
        }
        if place == len(messages) - 1:
            candidate["finishReason"] = "STOP"
            response["usageMetadata"] = _counted(reply.usage or NO_USAGE)
        yield response


def _media(asked: Asked) -> list[dict[str, Value]]:
    """What is drawn and said aloud, where that is asked for."""
    wanted = [text(one).upper() for one in sequence(asked.parameters.get("modalities"))]
    made = [(media, make()) for kind, media, make in _MADE if kind in wanted]
    return [{"inlineData": {"mimeType": media, "data": base64.b64encode(data).decode()}} for media, data in made]


def _vectors(asked: Asked, reply: Reply, number: int) -> dict[str, Value]:
    wanted = asked.parameters.get("dimensions")
    vectors = [{"values": vector(number + place, wanted)} for place in range(asked.inputs)]
    said: dict[str, Value] = {"embeddings": vectors} if asked.dialect == EMBED_MANY else {"embedding": vectors[0]}
    return said | ({"usageMetadata": _counted(reply.usage)} if reply.usage else {})


def _get(said: Mapping[str, Value], name: str) -> Value:
    """A field, spelled as the documentation does or in snake case, as some clients do."""
    value = said.get(name)
    return said.get(_snake(name)) if value is None else value


@cache
def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda match: f"_{match.group().lower()}", name)
