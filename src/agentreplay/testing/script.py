"""What models are to say: lines picked by order or by what they answer, or a function that makes them up."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b

import msgspec

from agentreplay.intake.providers import Asked, Reply, ToolCall
from agentreplay.intake.providers.wire import mapping, mappings, sequence, text, to_json
from agentreplay.model.usage import Usage
from agentreplay.model.values import Value
from agentreplay.testing.example import example

__all__ = ["Director", "Line", "Script", "improvise", "words_in"]

_SCHEMAS = "parameters", "input_schema", "parametersJsonSchema", "parameters_json_schema", "inputSchema"
_DECLARATIONS = "functionDeclarations", "function_declarations"
_RESULT_FIELDS = {"functionResponse", "function_response", "toolResult"}
_RESULTS = {"tool_result", "function_call_output", "custom_tool_call_output", "mcp_tool_result"}
_FINAL = "The answer is 42."


class Line(Reply, frozen=True, kw_only=True):
    """A reply with stage directions."""

    when: str = ""
    """Spoken only to a call whose last message holds this text; such a line goes before those that suit any call."""
    after: float = 0.0
    """The seconds until the answer begins."""
    pause: float = 0.0
    """The seconds between two chunks of an answer that streams."""
    cut: int | None = None
    """The number of chunks after which the connection breaks; 0 resets it in place of an answer."""
    headers: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """More headers of the answer: `retry-after` with a status of 429, `location` with one of 307."""


Script = Sequence[Reply] | Callable[[Asked, Value], Reply]
"""Lines of which each is spoken once, or a function that is asked for each."""


class Director:
    """Decides what is said to a call. Safe to ask from many threads at once."""

    def __init__(self, script: Script | None = None) -> None:
        self._invent = script if callable(script) else None if script is not None else improvise
        self._lines = [] if callable(script) or script is None else list(enumerate(script, 1))
        self._asked: Counter[int] = Counter()
        self._lock = threading.Lock()

    def line(self, asked: Asked, body: Value) -> tuple[Reply, int]:
        """What is said, and a number for its ids that does not depend on which of several calls came first.

        A script that has no line left answers with an error that clients do not try again.
        """
        if self._invent:
            return self._invent(asked, body), self._number(body)
        last = " ".join(words_in(_said_last(asked, body)))
        with self._lock:
            meant = (entry for entry in self._lines if _when(entry[1]) and _when(entry[1]) in last)
            others = (entry for entry in self._lines if not _when(entry[1]))
            picked = next(meant, None) or next(others, None)
            if picked is None:
                return Reply(status=400, text=f"the script has no line left for a call that ends in {last[-200:]!r}"), 0
            self._lines.remove(picked)
        return picked[1], picked[0]

    def _number(self, body: Value) -> int:
        """The same for the same body, but another each time that body comes again."""
        number = int.from_bytes(blake2b(to_json(body), digest_size=4).digest())
        with self._lock:
            self._asked[number] += 1
            return number * 1_000 + self._asked[number]


def improvise(asked: Asked, body: Value) -> Reply:
    """Call the first tool offered until a result of a tool is there, then say that the answer is 42.

    The tool is called with arguments that suit its schema. A word counts as a token.
    """
    said = mapping(body)
    read = len(list(words_in(body)))
    offered = next(_offered(said), None)
    is_free = said.get("tool_choice") not in ("none", {"type": "none"})
    if asked.kind in {"embedding", "rerank"}:
        return Reply(usage=Usage(input=read))
    if offered is None or not is_free or _holds_result(said.get(asked.context or "input")):
        return Reply(text=_FINAL, usage=Usage(input=read, output=len(_FINAL.split())))
    name, schema = offered
    call = ToolCall(name=name, arguments=mapping(example(schema)))
    return Reply(tool_calls=(call,), usage=Usage(input=read, output=1 + len(list(words_in(call.arguments)))))


def words_in(value: Value) -> Iterator[str]:
    """The words of every text in a value, in order."""
    if isinstance(value, str):
        yield from value.split()
    for item in [*mapping(value).values(), *sequence(value)]:
        yield from words_in(item)


def _when(reply: Reply) -> str:
    return " ".join(reply.when.split()) if isinstance(reply, Line) else ""


def _said_last(asked: Asked, body: Value) -> Value:
    """The last message of a conversation without who says it, or all that was sent where there is none."""
    said = mapping(body)
    messages = said.get(asked.context or "input", said)
    last = sequence(messages)[-1] if sequence(messages) else messages
    return {name: value for name, value in mapping(last).items() if name not in {"role", "type"}} or last


def _offered(said: dict[str, Value]) -> Iterator[tuple[str, Value]]:
    """The tools that the program itself runs, each with its schema."""
    tools = [*mappings(said.get("tools")), *mappings(said.get("functions"))]
    tools += [mapping(tool.get("toolSpec")) for tool in mappings(mapping(said.get("toolConfig")).get("tools"))]
    for tool in tools:
        declared = [function for name in _DECLARATIONS for function in mappings(tool.get(name))]
        wrapped = mapping(tool.get("function"))
        is_ours = tool.get("type") in {None, "function"} or any(name in tool for name in _SCHEMAS)
        for function in declared or [wrapped or tool]:
            if text(function.get("name")) and (is_ours or wrapped):
                schema = next((function[name] for name in _SCHEMAS if function.get(name)), None)
                yield text(function.get("name")), mapping(schema).get("json", schema)


def _holds_result(value: Value) -> bool:
    fields = mapping(value)
    if fields.get("role") in {"tool", "function"} or text(fields.get("type")) in _RESULTS:
        return True
    if not _RESULT_FIELDS.isdisjoint(fields):
        return True
    return any(_holds_result(item) for item in [*fields.values(), *sequence(value)] if not isinstance(item, str))
