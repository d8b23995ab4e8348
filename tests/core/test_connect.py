"""Agents are connected and disconnected in configurations as people have them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentreplay.core import jsonc
from agentreplay.core.agents import AGENTS, Agent
from agentreplay.core.connect import alter, connection, disconnection
from agentreplay.errors import AlreadyConnected, ConfigurationUnusable

CLAUDE = AGENTS["claude-code"]
MINE = """\
{
  // what I like
  "model": "opus",
  "permissions": {"allow": ["Bash(ls:*)"]},
  "hooks": {
    "Stop": [
      {"hooks": [{"type": "command", "command": "say done"}]}
    ]
  }
}
"""
ALL = pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / ".agent" / "settings.json"


def connect(agent: Agent, path: Path, folder: Path, *options: str) -> bool:
    alteration = connection(agent, path, folder, options)
    if alteration.is_needed:
        alter(alteration, connects=True)
    return alteration.is_needed


def disconnect(agent: Agent, path: Path, folder: Path) -> bool:
    alteration = disconnection(agent, path, folder)
    if alteration.is_needed:
        alter(alteration, connects=False)
    return alteration.is_needed


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def without_comments(path: Path) -> Any:
    return json.loads("\n".join(line for line in path.read_text().splitlines() if "//" not in line))


@ALL
@pytest.mark.parametrize("before", [None, "{}", MINE, MINE.replace("\n", "\r\n"), '{"hooks": {}}', ""])
def test_it_comes_back_byte_for_byte(agent: Agent, before: str | None, path: Path, tmp_path: Path) -> None:
    if before is not None:
        write(path, before)

    assert connect(agent, path, tmp_path)
    assert not connect(agent, path, tmp_path), "once is enough"
    assert disconnect(agent, path, tmp_path)

    assert (path.read_bytes().decode() if path.exists() else None) == before
    assert not list(path.parent.glob(".*")), "nothing is left behind"


KEYS = st.sampled_from(["hooks", "Stop", "sessionStart", "AfterTool", "version", "model", "mcpServers", "ä"])
BLANKS = st.sampled_from(["", " ", "\n", "\r\n  ", " // mine\n", "/* mine */", "\t"])


def spelled(value: Any, draw: Callable[[], str]) -> str:
    """JSON as people write it, with blanks and comments anywhere, wherever they may stand."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        parts = [f"{draw()}{json.dumps(key)}{draw()}:{draw()}{spelled(item, draw)}" for key, item in fields.items()]
        return "{" + ",".join(parts) + draw() + "}"
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return "[" + ",".join(draw() + spelled(item, draw) for item in items) + draw() + "]"
    return json.dumps(value, ensure_ascii=False)


HOOKS = st.dictionaries(
    KEYS,
    st.lists(st.fixed_dictionaries({"command": st.text(max_size=9)}) | st.integers(), max_size=3) | st.none(),
    max_size=3,
)
SETTINGS = st.dictionaries(
    KEYS, st.recursive(st.none() | st.integers() | st.text(max_size=9), lambda below: st.lists(below, max_size=3)),
    max_size=4,
)  # fmt: skip


@settings(max_examples=settings().max_examples // 3)
@given(data=st.data())
def test_whatever_stands_there_comes_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """What can be changed comes back byte for byte, and what cannot is left alone."""
    folder = tmp_path_factory.mktemp("home")
    path, agent = folder / "settings.json", data.draw(st.sampled_from(list(AGENTS.values())))
    told: dict[str, Any] = dict(data.draw(SETTINGS))
    if data.draw(st.booleans()):
        told["hooks"] = data.draw(HOOKS)
    before = (data.draw(BLANKS) + spelled(told, lambda: data.draw(BLANKS))).encode()
    path.write_bytes(before)

    try:
        connect(agent, path, folder)
    except ConfigurationUnusable:
        assert path.read_bytes() == before
        return
    changed = jsonc.read(path.read_bytes().decode())
    ours = {"hooks", "version"} if agent.events else {agent.servers}
    assert {name: value for name, value in changed.items() if name not in ours} == {
        name: value for name, value in told.items() if name not in ours
    }
    assert all(changed["hooks"][event] for event in agent.events)
    assert agent.events or "mcp" in changed[agent.servers]["agentreplay"]["args"]
    disconnect(agent, path, folder)

    assert path.read_bytes() == before


SERVED = [agent for agent in AGENTS.values() if agent.servers]


@pytest.mark.parametrize("agent", SERVED, ids=lambda agent: agent.name)
def test_our_server_stands_beside_those_of_the_person(agent: Agent, path: Path, tmp_path: Path) -> None:
    mine = {agent.servers: {"mine": {"command": "mine"}, "agentreplay": {"command": "agentreplay", "args": ["mcp"]}}}
    write(path, json.dumps(mine, indent=2))

    connect(agent, path, tmp_path, "--project", "shop")

    told = json.loads(path.read_text())[agent.servers]
    assert told["mine"] == {"command": "mine"}
    assert told["agentreplay"]["args"][-3:] == ["mcp", "--project", "shop"]
    assert told["agentreplay"].items() >= agent.server.items()


@pytest.mark.parametrize("agent", SERVED, ids=lambda agent: agent.name)
def test_where_somebody_changed_it_only_our_server_goes(agent: Agent, path: Path, tmp_path: Path) -> None:
    connect(agent, path, tmp_path)
    told = json.loads(path.read_text())
    told[agent.servers]["mine"] = {"command": "mine"}
    write(path, json.dumps(told))

    assert disconnect(agent, path, tmp_path)
    assert json.loads(path.read_text()) == {agent.servers: {"mine": {"command": "mine"}}}

    write(path, json.dumps({agent.servers: {"agentreplay": {"command": "something else"}}}))
    assert not disconnect(agent, path, tmp_path), "it only bears our name"


@ALL
def test_every_event_runs_our_hook_beside_those_of_the_person(agent: Agent, path: Path, tmp_path: Path) -> None:
    write(path, MINE)

    connect(agent, path, tmp_path, "--project", "shop")

    told = without_comments(path)
    lists = [told["hooks"][event] for event in agent.events]
    assert all(f"hook --agent {agent.name} --project shop" in json.dumps(items[-1]) for items in lists)
    assert "say done" in json.dumps(told["hooks"]["Stop"][0])
    assert told.get("version") == agent.version


def test_where_somebody_changed_it_only_ours_goes(path: Path, tmp_path: Path) -> None:
    write(path, MINE)
    connect(CLAUDE, path, tmp_path)
    path.write_text(path.read_text().replace('"opus"', '"sonnet"'))

    disconnect(CLAUDE, path, tmp_path)

    assert path.read_text() == MINE.replace('"opus"', '"sonnet"')


def test_another_place_of_installation_takes_the_place_of_the_first(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, MINE)
    monkeypatch.setattr("sys.executable", "/old/bin/python")
    connect(CLAUDE, path, tmp_path)
    monkeypatch.setattr("sys.executable", "/new/bin/python")

    assert connect(CLAUDE, path, tmp_path)

    text = path.read_text()
    assert "/old/bin" not in text
    assert text.count("/new/bin/python") == len(CLAUDE.events)
    assert disconnect(CLAUDE, path, tmp_path)
    assert path.read_text() == MINE


def test_nothing_is_taken_out_where_nothing_is_ours(path: Path, tmp_path: Path) -> None:
    write(path, MINE)

    assert not disconnect(CLAUDE, path, tmp_path)
    assert not disconnect(CLAUDE, tmp_path / "nowhere.json", tmp_path)


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    """Many keep their settings in a folder of dotfiles."""
    write(tmp_path / "dotfiles" / "claude.json", MINE)
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "dotfiles" / "claude.json")

    connect(CLAUDE, path, tmp_path)

    assert path.is_symlink()
    assert "agentreplay" in (tmp_path / "dotfiles" / "claude.json").read_text()


def test_the_mode_stays(path: Path, tmp_path: Path) -> None:
    write(path, MINE)
    path.chmod(0o640)

    connect(CLAUDE, path, tmp_path)

    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("broken", ["{", "[]", '{"hooks": 5}', "\udcff"])
def test_what_cannot_be_read_is_left_as_it_is(broken: str, path: Path, tmp_path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(os.fsencode(broken))

    with pytest.raises(ConfigurationUnusable) as raised:
        connect(CLAUDE, path, tmp_path)

    assert str(path) in raised.value.message
    assert path.read_bytes() == os.fsencode(broken)


def test_what_changes_while_the_person_thinks_is_not_written_over(path: Path, tmp_path: Path) -> None:
    write(path, MINE)
    alteration = connection(CLAUDE, path, tmp_path)
    path.write_text("{}")

    with pytest.raises(ConfigurationUnusable, match="meanwhile"):
        alter(alteration, connects=True)

    assert path.read_text() == "{}"


def test_beside_the_plugin_there_is_nothing_to_do(path: Path, tmp_path: Path) -> None:
    write(path, '{"enabledPlugins": {"agentreplay@agentreplay": true}}')

    with pytest.raises(AlreadyConnected):
        connection(CLAUDE, path, tmp_path)


def test_the_difference_is_one_that_people_read(path: Path, tmp_path: Path) -> None:
    write(path, MINE)

    lines = connection(CLAUDE, path, tmp_path).difference.splitlines()

    assert lines[:2] == [f"--- {path}", f"+++ {path}"]
    gone = [line for line in lines[2:] if line.startswith("-")]
    assert gone == ['-      {"hooks": [{"type": "command", "command": "say done"}]}'], "it got a comma"
