"""A model of the user's own puts a text into other words. Without one in the settings nobody is asked.

The request goes to the provider that `AGENTREPLAY_MODEL` names, or to what speaks like it, with the key of the
environment. What is sent is what the caller gives, so it must be without secrets.
"""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from agentreplay.errors import ModelSilent, ValueInvalid
from agentreplay.intake import providers
from agentreplay.model.values import Value
from agentreplay.settings import Settings

__all__ = ["PROVIDERS", "reworded"]

_TIMEOUT = 120.0
_LARGEST = 16 << 20
_LEAST_ANSWER = 256
"""Tokens that a model may write at least: some think before they say anything."""
_THINKING = 4


class _Provider(NamedTuple):
    """How one of them is asked."""

    address: str
    path: str
    keys: tuple[str, ...]
    """The variables with its key, the first that is set counts; without any it needs none."""
    headers: Mapping[str, str]
    """Sent where there is a key, with it in its place."""
    body: Callable[[str, str, str, int], dict[str, Value]]
    """What is asked of a model: what it is to do, with which text, and how many tokens it may write."""


def _chat(model: str, task: str, text: str, most: int) -> dict[str, Value]:
    messages: list[Value] = [{"role": "system", "content": task}, {"role": "user", "content": text}]
    return {"model": model, "messages": messages, "max_completion_tokens": most}


def _local(model: str, task: str, text: str, most: int) -> dict[str, Value]:
    messages: list[Value] = [{"role": "system", "content": task}, {"role": "user", "content": text}]
    return {"model": model, "messages": messages, "stream": False, "options": {"num_predict": most}}


def _messages(model: str, task: str, text: str, most: int) -> dict[str, Value]:
    return {"model": model, "max_tokens": most, "system": task, "messages": [{"role": "user", "content": text}]}


def _generate(_model: str, task: str, text: str, most: int) -> dict[str, Value]:
    return {
        "systemInstruction": {"parts": [{"text": task}]},
        "contents": [{"role": "user", "parts": [{"text": text}]}],
        "generationConfig": {"maxOutputTokens": most},
    }


PROVIDERS = {
    "anthropic": _Provider(
        "https://api.anthropic.com",
        "/v1/messages",
        ("ANTHROPIC_API_KEY",),
        {"x-api-key": "{key}", "anthropic-version": "2023-06-01"},
        _messages,
    ),
    "google": _Provider(
        "https://generativelanguage.googleapis.com",
        "/v1beta/models/{model}:generateContent",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        {"x-goog-api-key": "{key}"},
        _generate,
    ),
    "ollama": _Provider("http://127.0.0.1:11434", "/api/chat", (), {}, _local),
    "openai": _Provider(
        "https://api.openai.com",
        "/v1/chat/completions",
        ("OPENAI_API_KEY",),
        {"authorization": "Bearer {key}"},
        _chat,
    ),
}
"""Those that can be asked, by their names in the setting."""


def reworded(settings: Settings, environment: Mapping[str, str], task: str, text: str, tokens: int) -> str:
    """What the model makes of the text by the task, in about so many tokens.

    Raises ValueInvalid where the setting names none that can be asked, ModelSilent where it does not answer.
    """
    name, _, model = settings.model.partition("/")
    provider = PROVIDERS.get(name)
    if provider is None or not model:
        known = ", ".join(f"{one}/MODEL" for one in PROVIDERS)
        raise ValueInvalid(what="the variable AGENTREPLAY_MODEL", problem=f"{settings.model!r} is none of {known}")
    key = next((environment[one] for one in provider.keys if environment.get(one)), "")
    if provider.keys and not (key or settings.model_url):
        raise ModelSilent(model=settings.model, problem=f"there is no key in {' or '.join(provider.keys)}")
    url = (settings.model_url or provider.address).rstrip("/") + provider.path.format(model=model)
    body = provider.body(model, task, text, max(_LEAST_ANSWER, _THINKING * tokens))
    headers = {"content-type": "application/json", "user-agent": "agentreplay"}
    headers |= {name: value.format(key=key) for name, value in provider.headers.items() if key}
    request = urllib.request.Request(url, msgspec.json.encode(body), headers)  # noqa: S310  # the address is the user's own
    status, data = _asked(settings.model, request)
    asked = providers.ask(url, body)
    answered = providers.answer(asked, status, [data]) if asked is not None else providers.Answered()
    said = answered.text.strip()
    if answered.error or not said:
        problem = answered.error or f"there are no words in its answer ({status})"
        raise ModelSilent(model=settings.model, problem=problem)
    return said


def _asked(model: str, request: urllib.request.Request) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310  # the address is the user's own
            return response.status, response.read(_LARGEST)
    except urllib.error.HTTPError as error:
        return error.code, error.read(_LARGEST)
    except (OSError, http.client.HTTPException) as error:
        problem = str(getattr(error, "reason", "") or str(error) or type(error).__name__)
        raise ModelSilent(model=model, problem=problem) from error
