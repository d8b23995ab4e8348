"""What most likely made a program ask for something else than recorded."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentreplay.model.call import Call, Request, Site
from agentreplay.model.values import Value, is_list, is_map
from agentreplay.playback.canonical import canonical
from agentreplay.playback.difference import Difference

__all__ = ["Cause", "Evidence", "find_cause"]

_IDS = frozenset({"tool_call_id", "tool_use_id", "call_id"})
_RESPONSES = frozenset({"functionResponse", "function_response"})


class Evidence(NamedTuple):
    """What is known beside the two requests."""

    tape: Sequence[Call] = ()
    edited: Sequence[str] = ()
    """The functions that are not what they were, as `file:function`; a file where something else in it is not."""
    files: frozenset[str] = frozenset()
    """The files of which the tape tells what the functions were."""


class Cause(NamedTuple):
    """The likely cause in words, and the step of the call it points to, where there is one."""

    words: str = ""
    seq: int | None = None


def find_cause(expected: Call, request: Request, site: Site, found: Sequence[Difference], evidence: Evidence) -> Cause:
    """Look for the cause from the surest to the vaguest."""
    if request.operation == expected.request.operation and "code" in {item.path for item in found}:
        return Cause(f"{request.operation}() was edited since the recording", expected.seq)
    name = next((name for item in found if (name := _tool_of(item.path, expected.request))), None)
    if name is not None:
        return _of_tool(name, expected, evidence)
    return Cause(_of_edits(site, evidence))


def _of_tool(name: str, expected: Call, evidence: Evidence) -> Cause:
    recorded = [call for call in evidence.tape if call.seq < expected.seq and _is_named(call, name)]
    seq = recorded[-1].seq if recorded else None
    which = f"call {seq} ({name})" if recorded else f"the tool {name}"
    edited = next((edit for edit in evidence.edited if _function(edit) == name), None)
    if edited is not None:
        return Cause(f"the result of {which} changed: {name}() was edited since the recording", seq)
    if recorded:
        words = (
            f"it is made of the result of {which}, which was served as recorded: what the program does with it changed"
        )
        return Cause(f"{words}; {_of_edits(expected.site, evidence)}" if evidence.edited else words)
    return Cause(
        f"the result of {which} changed, and that is not on the tape: decorated with @agentreplay.tool it is served too"
    )


def _of_edits(site: Site, evidence: Evidence) -> str:
    edits = evidence.edited
    if not edits:
        if site.file not in evidence.files:
            return ""
        return "no function of the program was edited; look at its constants, its files and its environment"
    here = next((edit for edit in edits if edit == f"{site.file}:{site.function}"), None)
    if here is not None:
        return f"{site.function}() was edited since the recording"
    more = f" and {len(edits) - 1} more" if len(edits) > 1 else ""
    file, colon, _ = edits[0].rpartition(":")
    named = f"{_function(edits[0])}() in {file}" if colon else f"{edits[0]}, outside of its functions"
    return f"edited since the recording: {named}{more}"


def _function(edit: str) -> str:
    return edit.rpartition(":")[2].rpartition(".")[2] if ":" in edit else ""


def _is_named(call: Call, name: str) -> bool:
    return call.request.operation == name or call.request.head.get("tool") == name


def _tool_of(path: str, request: Request) -> str | None:
    """The name of the tool whose result stands at this path of the request, where messages tell it."""
    field, bracket, rest = path.removeprefix("body.").partition("[")
    number = rest.partition("]")[0]
    body = canonical(request).get("body")
    messages = body.get(field) if is_map(body) else None
    if not bracket or not is_list(messages) or not number.isdecimal() or int(number) >= len(messages):
        return None
    message = messages[int(number)]
    named = next(_values(message, _RESPONSES), None)
    if is_map(named):
        return str(named.get("name"))
    ids = {str(item) for item in _values(message, _IDS)}
    return next((name for item in messages if (name := _name_of(item, ids))), None) if ids else None


def _name_of(message: Value, ids: set[str]) -> str | None:
    """The name of the tool that was called by one of these ids, wherever the messages say so."""
    if is_map(message):
        if message.get("id") in ids or (message.get("call_id") in ids and "name" in message):
            function = message.get("function", message)
            return str(function.get("name")) if is_map(function) else None
        return next((name for item in message.values() if (name := _name_of(item, ids))), None)
    if is_list(message):
        return next((name for item in message if (name := _name_of(item, ids))), None)
    return None


def _values(value: Value, keys: frozenset[str]) -> Iterator[Value]:
    """What stands under one of these keys, at any depth."""
    if is_map(value):
        for key, item in value.items():
            if key in keys:
                yield item
            else:
                yield from _values(item, keys)
    elif is_list(value):
        for item in value:
            yield from _values(item, keys)
