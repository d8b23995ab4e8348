"""Patches: what is otherwise in a fork, as paths and values.

A path begins with `request` or `answer`, and goes on in the value there: `request.body.model`,
`request.body.messages[0].content`, `answer.body.temperature`. A few words stand for what they mean in every
provider's format: `prompt` (the last message of the user), `system`, `model`, `result` (what a tool gave back),
`text` (what the model said), `error` (raised instead of an answer).
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.call import WHOLE, Answer, Raised, Request
from agentreplay.model.values import Value
from agentreplay.playback.canonical import parse_json

__all__ = ["Patch", "parse", "patch_answer", "patch_request", "read_patches"]

_STEP = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]|\.")


class Patch(NamedTuple):
    """One change: where, and what stands there from now on."""

    path: tuple[str | int, ...]
    value: Value

    @property
    def touches_request(self) -> bool:
        """Whether it changes what is asked, so that the answer on the tape no longer fits."""
        return self.path[0] in {"request", "prompt", "system", "model"}

    def __str__(self) -> str:
        return _spell(self.path)


def parse(text: str) -> Patch:
    """Read `PATH=VALUE`; a value that is JSON is taken as such, any other as text."""
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise ValueInvalid(what=f"the patch {text!r}", problem="it is not of the form PATH=VALUE")
    steps = _steps(path.strip())
    if steps[0] not in {"request", "answer", "prompt", "system", "model", "result", "text", "error"}:
        raise ValueInvalid(
            what=f"the patch {text!r}",
            problem="a path begins with request, answer, prompt, system, model, result, text or error",
        )
    try:
        return Patch(steps, json.loads(value))
    except ValueError:
        return Patch(steps, value)


def read_patches(text: str) -> list[Patch]:
    """Read a patch file: a JSON object of paths and values."""
    try:
        told = json.loads(text)
    except ValueError as error:
        raise ValueInvalid(what="the patch file", problem=f"it is not JSON: {error}") from error
    if not isinstance(told, dict):
        raise ValueInvalid(what="the patch file", problem="it is not an object of paths and values")
    return [parse(f"{path}={json.dumps(value)}") for path, value in cast("dict[str, Value]", told).items()]


def patch_request(request: Request, patches: Iterable[Patch]) -> Request:
    """The request with what the patches change in it."""
    value: dict[str, Value] = {"head": dict(request.head), "body": parse_json(request.body, request.media)}
    if value["body"] is None:
        value["body"] = request.body.decode("utf-8", "replace")
    for patch in patches:
        if patch.touches_request:
            _put(value, _within_request(patch, value["body"]), patch)
    return msgspec.structs.replace(request, head=value["head"], body=_to_bytes(value["body"]))


def patch_answer(answer: Answer, patches: Iterable[Patch]) -> Answer:
    """The answer with what the patches change in it. What streamed comes in one piece."""
    value: dict[str, Value] = {"head": dict(answer.head), "body": parse_json(answer.body, answer.media)}
    is_json = value["body"] is not None
    if not is_json:
        value["body"] = answer.body.decode("utf-8", "replace")
    raised = answer.raised
    for patch in patches:
        if patch.path[0] == "error":
            raised = _error(patch)
        elif patch.path[0] == "result" or patch.path == ("answer",):
            value["body"], is_json, raised = patch.value, True, None
        elif not patch.touches_request:
            _put(value, patch.path[1:], patch)
    return msgspec.structs.replace(
        answer,
        head=value["head"],
        body=_to_bytes(value["body"], as_json=is_json),
        chunks=WHOLE,
        turn=answer.turn,
        raised=raised,
    )


def _steps(path: str) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    place = 0
    for match in _STEP.finditer(path):
        if match.start() != place:
            break
        place = match.end()
        if match.group(1) is not None:
            steps.append(match.group(1))
        elif match.group(2) is not None:
            steps.append(int(match.group(2)))
    if place != len(path) or not steps:
        raise ValueInvalid(what=f"the path {path!r}", problem=f"it cannot be read from character {place + 1} on")
    return tuple(steps)


def _spell(path: Iterable[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _within_request(patch: Patch, body: Value) -> tuple[str | int, ...]:
    """The path below the request, with the words that stand for a place in every format replaced."""
    match patch.path[0]:
        case "request":
            return patch.path[1:]
        case "model":
            return ("body", "model")
        case "system":
            return _system_place(body, patch)
        case _:
            return _prompt_place(body, patch)


def _system_place(body: Value, patch: Patch) -> tuple[str | int, ...]:
    fields = cast("Mapping[str, Value]", body) if isinstance(body, Mapping) else {}
    for field in ("system", "instructions", "systemInstruction", "system_instruction"):
        if field in fields:
            return ("body", field)
    for number, message in enumerate(cast("list[Value]", fields.get("messages") or fields.get("input") or [])):
        if isinstance(message, Mapping) and cast("Mapping[str, Value]", message).get("role") in {"system", "developer"}:
            return ("body", "messages" if "messages" in fields else "input", number, "content")
    raise ValueInvalid(what=f"the patch {patch}", problem="the request has no system prompt")


def _prompt_place(body: Value, patch: Patch) -> tuple[str | int, ...]:
    fields = cast("Mapping[str, Value]", body) if isinstance(body, Mapping) else {}
    if isinstance(fields.get("input"), str) or isinstance(fields.get("prompt"), str):
        return ("body", "input" if isinstance(fields.get("input"), str) else "prompt")
    for field, inner in (("messages", "content"), ("input", "content"), ("contents", "parts")):
        messages = cast("list[Value]", fields.get(field) or [])
        for number in range(len(messages) - 1, -1, -1):
            message = messages[number]
            if isinstance(message, Mapping) and cast("Mapping[str, Value]", message).get("role", "user") == "user":
                tail: tuple[str | int, ...] = (inner,) if inner == "content" else (inner, 0, "text")
                return ("body", field, number, *tail)
    raise ValueInvalid(what=f"the patch {patch}", problem="the request has no message of a user")


def _put(holder: Value, path: tuple[str | int, ...], patch: Patch) -> None:
    *way, last = path
    for step in way:
        holder = _inside(holder, step, patch)
    if isinstance(holder, list) and isinstance(last, int) and last == len(cast("list[Value]", holder)):
        cast("list[Value]", holder).append(patch.value)
        return
    if isinstance(holder, dict) and isinstance(last, str):
        holder[last] = patch.value
        return
    _inside(holder, last, patch)
    holder[last] = patch.value


def _inside(holder: Value, step: str | int, patch: Patch) -> Value:
    try:
        return holder[step]
    except (KeyError, IndexError, TypeError):
        there = ""
        if isinstance(holder, Mapping):
            there = "; there are " + ", ".join(sorted(map(str, cast("Mapping[str, Value]", holder))))
        elif isinstance(holder, list):
            there = f"; there are {len(cast('list[Value]', holder))} items"
        raise ValueInvalid(what=f"the path {patch}", problem=f"there is no {step!r}{there}") from None


def _error(patch: Patch) -> Raised:
    name, _, message = str(patch.value).partition(":")
    module, _, kind = name.strip().rpartition(".")
    return Raised(module=module or "builtins", name=kind, message=message.strip(), arguments=(message.strip(),))


def _to_bytes(value: Value, *, as_json: bool = True) -> bytes:
    if isinstance(value, str) and not as_json:
        return value.encode("utf-8", "surrogatepass")
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
