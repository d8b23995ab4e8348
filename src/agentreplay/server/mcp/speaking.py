"""Answers the messages of clients, whatever version of the protocol they speak.

Nothing is remembered from one message to the next: a request of today's protocol says for itself what it speaks, and of
the older ones, which begin with a handshake, nothing but the form of answers depends on what was agreed.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from agentreplay.errors import AgentReplayError
from agentreplay.server.mcp.messages import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    Message,
    Params,
    Refused,
    failed,
    is_params,
    read_messages,
    succeeded,
    written,
)
from agentreplay.server.mcp.versions import (
    CAPABILITIES,
    HANDSHAKE_VERSIONS,
    PROTOCOL_VERSION,
    SERVER_INFO,
    STATELESS_VERSIONS,
    negotiated,
)

if TYPE_CHECKING:
    # Whoever shakes hands needs no store yet.
    from agentreplay.server.mcp.reach import Reach

__all__ = ["UNSUPPORTED_VERSION", "Speaker", "version_of"]

UNSUPPORTED_VERSION = -32022
_RESOURCE_MISSING = -32002
"""What the older versions say; today's says that the params are invalid."""

_LOG = logging.getLogger("agentreplay.mcp")
_OFFERS: Params = {"tools": {}, "resources": {}, "prompts": {}}
_INSTRUCTIONS = (
    "Recordings of AI agents: sessions made of spans (model calls, tool calls, steps). Begin with search_sessions,"
    " go on with session_summary or get_session, then get_span and get_context. Lists have a `next` to give as"
    " `cursor`; every tool takes a `budget` of tokens and says less where it is small. Before a task call"
    " get_context_for; what should be known in later sessions give to remember."
)
_LASTING = {
    "server/discover": 3_600_000,
    "tools/list": 3_600_000,
    "prompts/list": 3_600_000,
    "resources/list": 3_600_000,
    "resources/templates/list": 3_600_000,
    "resources/read": 0,
}
"""How many milliseconds an answer may be kept, of those that may."""


class Speaker:
    """Speaks for one store. Safe to share between threads."""

    def __init__(
        self,
        reach: "Callable[[], AbstractContextManager[Reach]]",
        *,
        may_run: bool,
        may_write: bool = True,
        version: str,
    ) -> None:
        """`version` is our own, as clients are told it."""
        self._reach = reach
        self._self = {"name": "agentreplay", "title": "agentreplay", "version": version}
        self._may_run = may_run
        self._may_write = may_write
        self._methods: Mapping[str, Callable[[Params], Params]] = {
            "tools/list": self._list_tools,
            "tools/call": self._call_tool,
            "resources/list": self._list_resources,
            "resources/templates/list": self._list_templates,
            "prompts/list": self._list_prompts,
            "prompts/get": self._get_prompt,
        }

    def answer(self, data: bytes) -> bytes | None:
        """The answer to what came, which may be anything; None where nobody waits for one. Never raises."""
        try:
            messages = read_messages(data)
        except Refused as refused:
            return written(failed(None, refused))
        answers = [told for message in messages if (told := self.respond(message)) is not None]
        is_batch = data.lstrip().startswith(b"[")
        return written(answers if is_batch else answers[0]) if answers else None

    def respond(self, message: Message | Refused) -> Params | None:
        """The answer to one message; None to a notification. Never raises."""
        if isinstance(message, Refused):
            return failed(None, message)
        if message.id is None:
            return None
        try:
            return succeeded(message, self._result(message))
        except Refused as refused:
            return failed(message.id, refused)
        except AgentReplayError as error:
            return failed(message.id, Refused(INVALID_PARAMS, _explained(error)))
        except Exception:  # noqa: BLE001  # whatever it is, the client is answered and the next one too
            _LOG.exception("%s failed", message.method)
            return failed(message.id, Refused(INTERNAL_ERROR, "something unexpected went wrong"))

    def _result(self, message: Message) -> Params:
        version = version_of(message)
        if version is None:
            return self._older(message)
        found = self._discovered() if message.method == "server/discover" else self._asked(message, version)
        result: Params = {"resultType": "complete", **found, "_meta": {SERVER_INFO: self._self}}
        if message.method in _LASTING:
            result |= {"ttlMs": _LASTING[message.method], "cacheScope": "private"}
        return result

    def _older(self, message: Message) -> Params:
        if message.method == "initialize":
            version = negotiated(message.params.get("protocolVersion"))
            return {
                "protocolVersion": version,
                "capabilities": _OFFERS,
                "serverInfo": self._self,
                "instructions": _INSTRUCTIONS,
            }
        return {} if message.method == "ping" else self._asked(message, HANDSHAKE_VERSIONS[-1])

    def _discovered(self) -> Params:
        return {
            "supportedVersions": list(STATELESS_VERSIONS),
            "capabilities": _OFFERS,
            "serverInfo": self._self,
            "instructions": _INSTRUCTIONS,
        }

    def _asked(self, message: Message, version: str) -> Params:
        if message.method == "resources/read":
            return self._read_resource(message.params, version)
        method = self._methods.get(message.method)
        if method is None:
            raise Refused(METHOD_NOT_FOUND, f"there is no method {message.method[:100]!r} here")
        return method(message.params)

    def _list_tools(self, params: Params) -> Params:
        del params
        from agentreplay.server.mcp.catalogue import tools  # start-up

        return {"tools": [tool.told for tool in tools(may_run=self._may_run, may_write=self._may_write).values()]}

    def _call_tool(self, params: Params) -> Params:
        from agentreplay.server.mcp.catalogue import tools  # start-up

        known = tools(may_run=self._may_run, may_write=self._may_write)
        name, given = params.get("name"), params.get("arguments")
        tool = known.get(name) if isinstance(name, str) else None
        if tool is None:
            raise Refused(INVALID_PARAMS, f"there is no tool {name!r:.100}; there are {', '.join(known)}")
        try:
            if given is not None and not is_params(given):
                raise Refused(INVALID_PARAMS, "the arguments of a tool are an object")
            with self._reach() as reach:
                return _content(tool.call(reach, given or {}))
        except AgentReplayError as error:
            # The model reads it and tries again, which it does not with errors of the protocol.
            return {**_content(_explained(error)), "isError": True}

    def _list_resources(self, params: Params) -> Params:
        del params
        from agentreplay.server.mcp.resources import RESOURCES  # start-up

        return {"resources": [resource.told for resource in RESOURCES]}

    def _list_templates(self, params: Params) -> Params:
        del params
        from agentreplay.server.mcp.resources import TEMPLATES  # start-up

        return {"resourceTemplates": [template.told for template in TEMPLATES]}

    def _read_resource(self, params: Params, version: str) -> Params:
        from agentreplay.server.mcp.resources import MEDIA, read_resource  # start-up

        uri = _text(params, "uri")
        with self._reach() as reach:
            text = read_resource(reach, uri)
        if text is None:
            code = _RESOURCE_MISSING if version in HANDSHAKE_VERSIONS else INVALID_PARAMS
            raise Refused(code, "there is no such resource", {"uri": uri[:500]})
        return {"contents": [{"uri": uri, "mimeType": MEDIA, "text": text}]}

    def _list_prompts(self, params: Params) -> Params:
        del params
        from agentreplay.server.mcp.prompts import PROMPTS  # start-up

        return {"prompts": [prompt.told for prompt in PROMPTS]}

    def _get_prompt(self, params: Params) -> Params:
        from agentreplay.server.mcp.prompts import PROMPTS  # start-up

        name, given = _text(params, "name"), params.get("arguments")
        prompt = next((prompt for prompt in PROMPTS if prompt.name == name), None)
        if prompt is None:
            known = ", ".join(prompt.name for prompt in PROMPTS)
            raise Refused(INVALID_PARAMS, f"there is no prompt {name[:100]!r}; there are {known}")
        with self._reach() as reach:
            text = prompt.written(reach, given if is_params(given) else {})
        message = {"role": "user", "content": {"type": "text", "text": text}}
        return {"description": prompt.description, "messages": [message]}


def version_of(message: Message) -> str | None:
    """What a request says it speaks; None for one of the older versions, which does not say. Raises Refused."""
    meta = message.params.get("_meta")
    if not is_params(meta) or PROTOCOL_VERSION not in meta or message.method == "initialize":
        if message.method == "server/discover":
            raise Refused(INVALID_PARAMS, f"_meta lacks {PROTOCOL_VERSION}")
        return None
    version = meta[PROTOCOL_VERSION]
    if not isinstance(version, str):
        raise Refused(INVALID_PARAMS, f"{PROTOCOL_VERSION} is no text")
    if version not in STATELESS_VERSIONS:
        supported = {"supported": list(STATELESS_VERSIONS), "requested": version[:100]}
        raise Refused(UNSUPPORTED_VERSION, "this version of the protocol is not spoken here", supported)
    if not is_params(meta.get(CAPABILITIES)):
        raise Refused(INVALID_PARAMS, f"_meta lacks {CAPABILITIES}")
    return version


def _text(params: Params, name: str) -> str:
    value: Any = params.get(name)
    if not isinstance(value, str):
        raise Refused(INVALID_PARAMS, f"the params lack the text {name!r}")
    return value


def _content(text: str) -> Params:
    return {"content": [{"type": "text", "text": text}]}


def _explained(error: AgentReplayError) -> str:
    """What went wrong and what to do, as short as any answer has to be."""
    from agentreplay.server.mcp.fitting import LEAST_BUDGET, cut  # start-up

    said = f"error: {error.message}"
    return cut(f"{said}\nhint: {error.advice}" if error.advice else said, LEAST_BUDGET)
