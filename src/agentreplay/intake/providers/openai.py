"""What the dialects of OpenAI's API share: parameters, tools, tokens, cost and errors.

Many hosts speak these dialects, each with small differences; all of them are read here.
"""

import math

from agentreplay.intake.providers import hosts
from agentreplay.intake.providers.protocol import Asked, Reply, Spoken
from agentreplay.intake.providers.wire import count, mapping, mappings, text, to_json
from agentreplay.model.usage import NO_USAGE, NanoDollars, Usage
from agentreplay.model.values import Value

__all__ = [
    "CHAT",
    "COMPLETIONS",
    "EMBEDDINGS",
    "EVENTS",
    "JSON",
    "RESPONSES",
    "apportioned",
    "cost",
    "model",
    "parameters",
    "provider",
    "service_tier",
    "speak_error",
    "tell_usage",
    "tools",
    "usage",
    "used",
]

CHAT = "openai.chat"
COMPLETIONS = "openai.completions"
RESPONSES = "openai.responses"
EMBEDDINGS = "openai.embeddings"

JSON = "application/json"
EVENTS = "text/event-stream"

_PARAMETERS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "random_seed": "seed",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "n": "choice.count",
    "reasoning_effort": "reasoning_effort",
    "service_tier": "service_tier",
    "dimensions": "dimensions",
}
_LONGEST_ERROR = 4_000
_USUAL_TIERS = frozenset({"", "auto", "default", "on_demand", "scale", "standard"})
_MOST_MONEY = 1 << 53
_TICKS_PER_NANO_DOLLAR = 10
_BAD_REQUEST, _TOO_MANY, _SERVER = 400, 429, 500


def provider(url: str) -> str:
    """Who answers there. An unknown host that speaks as OpenAI does is taken for it."""
    return hosts.provider(url, "openai")


def model(url: str, body: dict[str, Value]) -> str | None:
    """The model asked for; Azure's addresses name it as a deployment."""
    named = text(body.get("model"))
    if not named:
        named = hosts.path(url).partition("/deployments/")[2].partition("/")[0]
    return named or None


def parameters(body: dict[str, Value]) -> dict[str, Value]:
    """The parameters of a request under their common names."""
    found = {name: body[key] for key, name in _PARAMETERS.items() if body.get(key) is not None}
    stop = body.get("stop")
    if stop:
        found["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    if effort := mapping(body.get("reasoning")).get("effort"):
        found["reasoning_effort"] = effort
    if encoding := text(body.get("encoding_format")):
        found["encoding_formats"] = [encoding]
    return found


def service_tier(body: dict[str, Value]) -> str | None:
    """What a call is charged as, where that is not as usual."""
    said = text(body.get("service_tier"))
    return None if said in _USUAL_TIERS else said


def tools(body: dict[str, Value]) -> tuple[str, ...]:
    """The names of the tools offered; one that runs at the provider has its type for a name."""
    named = [
        text(mapping(tool.get("function")).get("name")) or text(tool.get("name")) or text(tool.get("type"))
        for tool in mappings(body.get("tools"))
    ]
    named += [text(function.get("name")) for function in mappings(body.get("functions"))]
    return tuple(name for name in named if name)


def usage(told: Value) -> Usage:
    """The tokens of a call. Told are sums and parts of them; ours are the parts alone, with what is left."""
    raw = mapping(told)
    if not raw:
        return NO_USAGE
    read = mapping(raw.get("prompt_tokens_details") or raw.get("input_tokens_details"))
    written = mapping(raw.get("completion_tokens_details") or raw.get("output_tokens_details"))
    prompt = _first(raw, "prompt_tokens", "input_tokens")
    completion = _first(raw, "completion_tokens", "output_tokens")
    cached = _first(read, "cached_tokens") or _first(raw, "cached_tokens", "prompt_cache_hit_tokens")
    stored = _first(read, "cache_write_tokens", "cache_creation_tokens", "cache_write")
    thought = _first(written, "reasoning_tokens") or _first(raw, "reasoning_tokens")
    return apportioned(
        prompt,
        completion,
        total=count(raw.get("total_tokens")),
        cached=cached,
        stored=stored,
        thought=thought,
        audio_in=count(read.get("audio_tokens")),
        image_in=count(read.get("image_tokens")),
        audio_out=count(written.get("audio_tokens")),
        image_out=count(written.get("image_tokens")),
    )


def apportioned(  # noqa: PLR0913 - so many parts are told apart, and each is named by whoever gives it
    prompt: int,
    completion: int,
    *,
    total: int = 0,
    cached: int = 0,
    stored: int = 0,
    thought: int = 0,
    audio_in: int = 0,
    image_in: int = 0,
    audio_out: int = 0,
    image_out: int = 0,
) -> Usage:
    """The parts of two sums, each as far as its sum holds it, and what is left of the sums."""
    # Some hosts do not count the reasoning in the completion; xAI's total gives that away.
    if thought > completion or (thought and total == prompt + completion + thought):
        completion += thought
    # More from the cache than there was to read: then the sum was without it.
    if cached + stored > prompt:
        prompt += cached + stored
    if not (stored or audio_in or image_in or audio_out or image_out):
        thought = min(thought, completion)
        return Usage(input=prompt - cached, cache_read=cached, output=completion - thought, reasoning=thought)
    rest_in, (cache_read, cache_write, audio_in, image_in) = _share(prompt, cached, stored, audio_in, image_in)
    rest_out, (reasoning, audio_out, image_out) = _share(completion, thought, audio_out, image_out)
    return Usage(
        input=rest_in,
        cache_read=cache_read,
        cache_write_5m=cache_write,
        audio_in=audio_in,
        image_in=image_in,
        output=rest_out,
        reasoning=reasoning,
        audio_out=audio_out,
        image_out=image_out,
    )


def tell_usage(used: Usage, reads: str, writes: str) -> dict[str, Value]:
    """The tokens of a call in OpenAI's words; `reads` and `writes` are `prompt` and `completion`, or `input` and …"""
    stored = used.cache_write_5m + used.cache_write_1h
    prompt = used.input + used.cache_read + stored + used.audio_in + used.image_in
    completion = used.output + used.reasoning + used.audio_out + used.image_out
    read: dict[str, Value] = {"cached_tokens": used.cache_read}
    written: dict[str, Value] = {"reasoning_tokens": used.reasoning}
    rare_in = {"cache_write_tokens": stored, "audio_tokens": used.audio_in, "image_tokens": used.image_in}
    rare_out = {"audio_tokens": used.audio_out, "image_tokens": used.image_out}
    read.update({name: number for name, number in rare_in.items() if number})
    written.update({name: number for name, number in rare_out.items() if number})
    return {
        f"{reads}_tokens": prompt,
        f"{writes}_tokens": completion,
        "total_tokens": prompt + completion,
        f"{reads}_tokens_details": read,
        f"{writes}_tokens_details": written,
    }


def cost(told: Value) -> NanoDollars | None:
    """What the provider says the call cost: OpenRouter and Perplexity in dollars, xAI in ticks."""
    raw = mapping(told)
    ticks = raw.get("cost_in_usd_ticks")
    if isinstance(ticks, int) and 0 <= ticks < _MOST_MONEY:
        return NanoDollars(round(ticks / _TICKS_PER_NANO_DOLLAR))
    said = raw.get("cost")
    dollars = mapping(said).get("total_cost") if isinstance(said, dict) else said
    if isinstance(dollars, bool) or not isinstance(dollars, int | float):
        return None
    if not 0 <= dollars < _MOST_MONEY / 1_000_000_000 or not math.isfinite(dollars):
        return None
    return NanoDollars(round(dollars * 1_000_000_000))


def speak_error(reply: Reply) -> Spoken:
    """An error in OpenAI's shape."""
    kind, code = "invalid_request_error", None
    if reply.status == _TOO_MANY:
        kind, code = "requests", "rate_limit_exceeded"
    elif reply.status >= _SERVER:
        kind = "server_error"
    told = {"error": {"message": reply.text, "type": kind, "param": None, "code": code}}
    return Spoken(status=reply.status, media=JSON, chunks=(to_json(told),))


def used(asked: Asked, reply: Reply) -> Usage | None:
    """The tokens that a reply tells of, None when a stream is to keep quiet about them."""
    return reply.usage if asked.usage_streams or not asked.streams else None


def _first(raw: dict[str, Value], *names: str) -> int:
    return next((count(raw[name]) for name in names if raw.get(name) is not None), 0)


def _share(whole: int, *parts: int) -> tuple[int, list[int]]:
    """What is left of the whole, and the parts as far as it holds them."""
    shares: list[int] = []
    for part in parts:
        shares.append(min(part, whole))
        whole -= shares[-1]
    return whole, shares
