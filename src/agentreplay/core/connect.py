"""Tells coding agents to run our hook or to ask our MCP server, in their own configuration, and takes it back.

What a person wrote there is not touched. What the file was before is kept in the data folder, so that it comes back
byte for byte where nobody changed it since; where somebody did, only what is ours is taken out.
"""

import base64
import difflib
import hashlib
import os
import re
import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agentreplay.core import jsonc
from agentreplay.core.agents import Agent
from agentreplay.core.installation import own_command
from agentreplay.errors import AlreadyConnected, ConfigurationUnusable, ValueInvalid
from agentreplay.folders import make_private
from agentreplay.intake.providers import wire
from agentreplay.model.values import Value

__all__ = ["Alteration", "alter", "connection", "disconnection"]

_HOOKS = ("hooks",)
_OURS = re.compile(r"agentreplay(?:\.exe|\.cli)?[\"']?\s+(?:-\S+\s+\S+\s+)*hook\b")
_SERVER = "agentreplay"
_FOLDER = "connections"
_PLUGIN = "agentreplay@agentreplay"


@dataclass(frozen=True)
class Alteration:
    """What is to become of a file; None where there is none."""

    agent: Agent
    path: Path
    before: bytes | None
    after: bytes | None
    record: Path
    """Where is kept what was there before."""

    @property
    def is_needed(self) -> bool:
        """Whether anything would change."""
        return self.before != self.after

    @property
    def difference(self) -> str:
        """What would change, as `diff -u` shows it."""
        old, new = (_lines(data) for data in (self.before, self.after))
        before, after = (os.devnull if data is None else str(self.path) for data in (self.before, self.after))
        return "".join(difflib.unified_diff(old, new, before, after))


class _Record(msgspec.Struct, frozen=True):
    """What a file was before we changed it, and a digest of what it was then."""

    before: str | None
    after: str


def connection(agent: Agent, path: Path, folder: Path, options: Sequence[str] = ()) -> Alteration:
    """How the agent is connected, with these options for its hook or our server.

    Raises ConfigurationUnusable, and AlreadyConnected where a plugin does it.
    """
    before = _read(path)
    text = _text(path, before)
    try:
        told = jsonc.read(text)
        if _has_plugin(told):
            raise AlreadyConnected(agent=agent.title, path=str(path))
        after = _with_server(agent, text, options) if agent.servers else _with_hooks(agent, text, told, options)
        if jsonc.read(after) == told:
            after = text
    except ValueInvalid as error:
        raise ConfigurationUnusable(path=str(path), problem=str(error.facts["problem"])) from error
    return Alteration(agent, path, before, after.encode(), _record_of(folder, path))


def disconnection(agent: Agent, path: Path, folder: Path) -> Alteration:
    """How the agent is as it was before. Raises ConfigurationUnusable."""
    before, record = _read(path), _record_of(folder, path)
    known = _read_record(record)
    if known is not None and before is not None and _digest(before) == known.after:
        after = None if known.before is None else base64.b64decode(known.before)
        return Alteration(agent, path, before, after, record)
    try:
        text = _text(path, before)
        if not agent.servers:
            text = jsonc.remove_items(text, _HOOKS, _is_ours)
        elif _is_our_server(wire.mapping(wire.mapping(jsonc.read(text)).get(agent.servers)).get(_SERVER)):
            text = jsonc.remove(text, (agent.servers, _SERVER))
    except ValueInvalid as error:
        raise ConfigurationUnusable(path=str(path), problem=str(error.facts["problem"])) from error
    return Alteration(agent, path, before, None if before is None else text.encode(), record)


def _with_hooks(agent: Agent, text: str, told: Value, options: Sequence[str]) -> str:
    after = jsonc.remove_items(text, _HOOKS, _is_ours)
    if agent.version is not None and "version" not in wire.mapping(told):
        after = after if after.strip() else "{}\n"
        after = after.replace("{", f'{{\n  "version": {agent.version}' + ("," if told else "\n"), 1)
    line = shlex.join([*own_command(), "hook", "--agent", agent.name, *options])
    for event in agent.events:
        after = jsonc.add_item(after, (*_HOOKS, event), agent.item(line, event))
    return after


def _with_server(agent: Agent, text: str, options: Sequence[str]) -> str:
    command, *arguments = own_command()
    server = {**agent.server, "command": command, "args": [*arguments, "mcp", *options]}
    return jsonc.put(text, (agent.servers, _SERVER), server)


def alter(alteration: Alteration, *, connects: bool) -> None:
    """Do it: the file is the old one or the new one at every moment. Raises ConfigurationUnusable."""
    if _read(alteration.path) != alteration.before:
        raise ConfigurationUnusable(path=str(alteration.path), problem="it was changed meanwhile")
    record = alteration.record
    try:
        if connects and alteration.after is not None:
            _remember(alteration, record)
        if alteration.after is None:
            alteration.path.resolve().unlink()
        else:
            _write(alteration.path, alteration.after)
        if not connects:
            record.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationUnusable(path=str(alteration.path), problem=error.strerror or str(error)) from error


def _remember(alteration: Alteration, record: Path) -> None:
    """Keep what was there before we came: of two connections in a row the first."""
    known, before = _read_record(record), alteration.before
    told = None if before is None else base64.b64encode(before).decode()
    if known is not None and before is not None and _digest(before) == known.after:
        told = known.before
    make_private(record.parent)
    _write(record, msgspec.json.encode(_Record(told, _digest(alteration.after or b""))))


def _write(path: Path, data: bytes) -> None:
    """Where the name is a link, as in a folder of dotfiles, what it points to is written."""
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(mode)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationUnusable(path=str(path), problem=error.strerror or str(error)) from error


def _text(path: Path, data: bytes | None) -> str:
    try:
        return (data or b"").decode()
    except UnicodeDecodeError as error:
        raise ConfigurationUnusable(path=str(path), problem="it is no UTF-8") from error


def _lines(data: bytes | None) -> list[str]:
    lines = (data or b"").decode("utf-8", "replace").splitlines(keepends=True)
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


def _is_ours(item: Value) -> bool:
    """Whether an item of an event's list runs our hook and nothing else."""
    told = wire.mapping(item)
    hooks = wire.sequence(told.get("hooks", [told]))
    return bool(hooks) and all(_OURS.search(wire.text(wire.mapping(hook).get("command"))) for hook in hooks)


def _is_our_server(told: Value) -> bool:
    """Whether a server that bears our name is ours."""
    words = [text for word in wire.sequence(wire.mapping(told).get("args")) if (text := wire.text(word))]
    return "agentreplay" in " ".join([wire.text(wire.mapping(told).get("command")), *words]) and "mcp" in words


def _has_plugin(told: Value) -> bool:
    return wire.mapping(wire.mapping(told).get("enabledPlugins")).get(_PLUGIN) is True


def _record_of(folder: Path, path: Path) -> Path:
    return folder / _FOLDER / f"{hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:16]}.json"


def _read_record(record: Path) -> _Record | None:
    try:
        return msgspec.json.decode(record.read_bytes(), type=_Record)
    except (OSError, msgspec.DecodeError):
        return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
