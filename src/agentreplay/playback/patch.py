"""Patches: what is otherwise in a fork, as paths and values.

A path begins with `request` or `answer`, and goes on in the value there: `request.body.model`,
`request.body.messages[0].content`, `answer.body["a.b"]`. A few words stand for what they mean in every
provider's format: `prompt` (the last message of the user), `system`, `model`, `text` (what the model said); or for what
a tool is given, `arguments`, and gave back, `result` (a path may go on in both); or for what is raised instead of an
answer, `error`.
"""

import copy
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

import msgspec

from agentreplay.errors import ValueInvalid
from agentreplay.model.call import WHOLE, Answer, Raised, Request
from agentreplay.model.values import Value, is_list, is_map
from agentreplay.playback.canonical import dump, parse_json
from agentreplay.playback.places import model_place, prompt_place, system_place

__all__ = ["Patch", "parse", "patch_answer", "patch_arguments", "patch_request", "read_patches"]

_OF_REQUEST = frozenset({"request", "prompt", "system", "model", "arguments"})
_OF_ANSWER = frozenset({"answer", "result", "text", "error"})
_WITH_STEPS = frozenset({"request", "answer", "result", "arguments"})
_FUNCTIONS = frozenset({"tool", "retrieval", "database", "memory"})
_NAME = r'[^.\[\]="\s]+'
_FIRST = re.compile(rf"\s*({_NAME})")
_STEP = re.compile(rf'\.({_NAME})|\[(-?\d+)\]|\[("(?:[^"\\]|\\.)*")\]')
_EQUALS = re.compile(r"\s*=")
_PLAIN_NAME = re.compile(_NAME).fullmatch
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*").fullmatch


class Patch(NamedTuple):
    """One change: where, and what stands there from now on."""

    path: tuple[str | int, ...]
    value: Value

    @property
    def touches_request(self) -> bool:
        """Whether it changes what is asked, so that the answer on the tape no longer fits."""
        return self.path[0] in _OF_REQUEST

    @property
    def is_speech(self) -> bool:
        """Whether it tells what a model says, which only its provider's format can put in words."""
        return self.path == ("text",)

    @property
    def place(self) -> str:
        """The path as it is written."""
        return _spell(self.path)

    def __str__(self) -> str:
        return f"{self.place}={json.dumps(self.value)}"


def parse(text: str) -> Patch:
    """Read `PATH=VALUE`; a value that is JSON is taken as such, any other as text."""
    path, end = _read_path(text)
    equals = _EQUALS.match(text, end)
    if equals is None:
        problem = f"the path cannot be read from character {end + 1} on" if "=" in text else "it is not PATH=VALUE"
        raise ValueInvalid(what=f"the patch {text!r}", problem=problem)
    if path[0] not in _OF_REQUEST | _OF_ANSWER:
        raise ValueInvalid(
            what=f"the patch {text!r}",
            problem="a path begins with request, answer, prompt, system, model, arguments, result, text or error",
        )
    if len(path) > 1 and path[0] not in _WITH_STEPS:
        raise ValueInvalid(what=f"the patch {text!r}", problem=f"no path goes on behind {path[0]}")
    value = text[equals.end() :]
    try:
        return Patch(path, json.loads(value))
    except (ValueError, RecursionError):
        return Patch(path, value)


def read_patches(text: str) -> list[Patch]:
    """Read a patch file: a JSON object of paths and values."""
    try:
        told: Value = json.loads(text)
    except ValueError as error:
        raise ValueInvalid(what="the patch file", problem=f"it is not JSON: {error}") from error
    if not is_map(told):
        raise ValueInvalid(what="the patch file", problem="it is not an object of paths and values")
    return [parse(f"{path}={json.dumps(value)}") for path, value in told.items()]


def patch_request(request: Request, patches: Iterable[Patch]) -> Request:
    """The request with what the patches change in it; the others are left aside."""
    value = _opened(request)
    for patch in patches:
        if patch.touches_request:
            _put(value, _within_request(patch, request, value["body"]), patch)
    return msgspec.structs.replace(request, head=value["head"], body=_closed(request, value["body"]))


def patch_arguments(given: Mapping[str, Value], patches: Iterable[Patch]) -> dict[str, Value]:
    """What a tool is given, with what the patches change in it."""
    # What is none of JSON's is the framework's own, and stays the very same.
    copied = {name: copy.deepcopy(item) if is_map(item) or is_list(item) else item for name, item in given.items()}
    value: dict[str, Value] = {"arguments": copied}
    for patch in patches:
        _put(value, patch.path, patch)
    if not is_map(value["arguments"]):
        raise ValueInvalid(what="the patch of arguments", problem="they are an object of names and values")
    return value["arguments"]


def patch_answer(answer: Answer, patches: Iterable[Patch], seam: str = "") -> Answer:
    """The answer with what the patches change in it: in one piece, and as soon as it is asked for."""
    value = _opened(answer)
    raised = answer.raised
    for patch in patches:
        match patch.path:
            case ("error",):
                return Answer(raised=_error(patch))
            case ("answer",) | ("result",) | ("text",):
                value["body"], raised = _result(patch.value, seam), None
            case ("result", *steps):
                _put(value, ("body", *steps), patch)
            case ("answer", *steps):
                _put(value, steps, patch)
            case _:
                pass
    body = _closed(answer, value["body"])
    if body != answer.body or raised is not answer.raised:
        return Answer(head=value["head"], body=body, media=answer.media)
    if answer.is_live:
        raise ValueInvalid(what="the patch", problem="the answer was no plain value; give another one with result=…")
    return msgspec.structs.replace(answer, head=value["head"], chunks=WHOLE, turn=0)


def _read_path(text: str) -> tuple[tuple[str | int, ...], int]:
    """The steps of the path a text begins with, and where it ends."""
    first = _FIRST.match(text)
    if first is None:
        raise ValueInvalid(what=f"the patch {text!r}", problem="it does not begin with a path")
    steps: list[str | int] = [first.group(1)]
    place = first.end()
    while (found := _STEP.match(text, place)) is not None:
        name, index, quoted = found.groups()
        steps.append(int(index) if index is not None else name if name is not None else json.loads(quoted))
        place = found.end()
    return tuple(steps), place


def _spell(path: Iterable[str | int]) -> str:
    parts = (
        f"[{step}]" if isinstance(step, int) else f".{step}" if _PLAIN_NAME(step) else f"[{json.dumps(step)}]"
        for step in path
    )
    return "".join(parts).removeprefix(".")


def _opened(thing: Request | Answer) -> dict[str, Value]:
    """Head and body to put things in; what is there is not touched."""
    body = parse_json(thing.body, thing.media)
    return {"head": copy.deepcopy(thing.head), "body": thing.body.decode("utf-8", "replace") if body is None else body}


def _closed(thing: Request | Answer, value: Value) -> bytes:
    """The body as bytes: the very same where it was not changed."""
    before = _opened(thing)["body"]
    if dump(before) == dump(value):
        return thing.body
    if isinstance(value, str) and "json" not in thing.media:
        return value.encode("utf-8", "surrogatepass")
    return json.dumps(value, separators=(",", ":")).encode()


def _within_request(patch: Patch, request: Request, body: Value) -> tuple[str | int, ...]:
    """The path below the request, with the words that stand for a place in every format replaced."""
    if patch.path[0] == "arguments":
        return (*_place_of_arguments(patch, request), *patch.path[1:])
    finders = {"model": model_place, "system": system_place, "prompt": prompt_place}
    finder = finders.get(str(patch.path[0]))
    return patch.path[1:] if finder is None else finder(request, body)


def _place_of_arguments(patch: Patch, request: Request) -> tuple[str, ...]:
    if request.seam in _FUNCTIONS:
        return ("body",)
    if request.seam == "mcp" and request.operation.startswith("tools/call"):
        return ("body", "arguments")
    raise ValueInvalid(what=f"the path {patch.place}", problem=f"{request.operation} runs no tool")


def _put(holder: Value, path: Sequence[str | int], patch: Patch) -> None:
    if not path:
        raise ValueInvalid(what=f"the path {patch.place}", problem="it names nothing to change; say which part")
    *way, last = path
    for step in way:
        holder = _inside(holder, step, patch)
    if is_list(holder) and last == len(holder):
        holder.append(patch.value)
    elif is_map(holder) and isinstance(last, str):
        holder[last] = patch.value
    else:
        _inside(holder, last, patch)
        cast("list[Value]", holder)[cast("int", last)] = patch.value


def _inside(holder: Value, step: str | int, patch: Patch) -> Value:
    if _has(holder, step):
        return holder[step]
    raise _nothing_there(holder, step, patch)


def _has(holder: Value, step: str | int) -> bool:
    if is_list(holder):
        return isinstance(step, int) and -len(holder) <= step < len(holder)
    return is_map(holder) and step in holder


def _nothing_there(holder: Value, step: str | int, patch: Patch) -> ValueInvalid:
    there = ""
    if is_map(holder):
        there = "; there are " + ", ".join(sorted(holder)) if holder else "; nothing is there"
    elif is_list(holder):
        there = f"; there are {len(holder)} items, from [0] on"
    return ValueInvalid(what=f"the path {patch.place}", problem=f"there is no {step!r}{there}")


def _result(value: Value, seam: str) -> Value:
    """What a tool gave back, in the words of the protocol it is asked by."""
    if seam != "mcp" or (is_map(value) and "content" in value):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return {"content": [{"type": "text", "text": text}]}


def _error(patch: Patch) -> Raised:
    name, _, message = str(patch.value).partition(":")
    if _EXCEPTION(name.strip()) is None:
        raise ValueInvalid(
            what=f"the patch {patch}", problem="an error is told as its type and what it says: TimeoutError: too slow"
        )
    module, _, kind = name.strip().rpartition(".")
    said = message.strip()
    return Raised(module=module or "builtins", name=kind, message=said, arguments=(said,) if said else ())
