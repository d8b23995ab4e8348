"""The states of a session over HTTP."""

from agentreplay.model.content import Content, Kept
from agentreplay.model.workspace import FILE, TREE, TREE_NAME, WORKSPACE, Entry, pack_tree
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.testing import Maker, batch_of
from tests.server.population import Population
from tests.server.running import Running, waited_for


def test_a_session_is_told_as_it_was_at_a_step(server: Running, stored: Population) -> None:
    path = f"/api/v1/sessions/{stored.session}/state"
    first, end = (server.ask(f"{path}?at={at}").json for at in (1, "end"))

    assert (first["seq"], first["summary"]["spans"], len(first["open"])) == (1, 1, 1)
    assert end["span"] is None
    assert end["summary"]["spans"] == end["seq"] - 1
    assert server.ask(path).json == end
    assert server.ask(f"{path}?at=nowhere").status == 404


def test_the_states_come_in_pages(server: Running, stored: Population) -> None:
    path = f"/api/v1/sessions/{stored.session}/states"
    whole = server.ask(path).json
    first = server.ask(f"{path}?limit=2").json

    assert [state["seq"] for state in first["items"]] == [1, 2]
    rest = server.ask(f"{path}?start={first['next']}").json
    assert first["items"] + rest["items"] == whole["items"]
    assert whole["next"] is None
    assert server.ask(f"/api/v1/sessions/{stored.session}/state?at=2").json == whole["items"][1]


def test_a_session_without_checkpoints_has_none(server: Running, stored: Population) -> None:
    assert server.ask(f"/api/v1/sessions/{stored.session}/checkpoints").json["items"] == []
    assert server.ask("/api/v1/sessions/nobody/checkpoints").status == 404


def test_a_session_without_edits_has_none(server: Running, stored: Population) -> None:
    assert server.ask(f"/api/v1/sessions/{stored.session}/edits?at=2").json["items"] == []


def test_a_session_without_a_workspace_has_no_files(server: Running, stored: Population) -> None:
    answer = server.ask(f"/api/v1/sessions/{stored.session}/files?at=2")

    assert answer.status == 404
    assert "--workspace" in answer.json["error"]["hint"]


def test_what_was_in_the_workspace_is_listed(anybody: Running) -> None:
    make = Maker(seed=77, tenant="local", project="files")
    inner = pack_tree([Entry(name="b.py", kind="file", size=1, hash=Content.of(b"b").hash)])
    outer = pack_tree([Entry(name="sub", kind="folder", hash=inner.hash), Entry(name="a", kind="link", target="sub")])
    held = (Kept(role=TREE, hash=outer.hash), Kept(role=FILE, hash=inner.hash))
    writer = JournalWriter(anybody.folder)
    writer.append(batch_of(inner, outer, make.span(kind=WORKSPACE, name=TREE_NAME, kept=held)))
    writer.close()
    path = f"/api/v1/sessions/{make.session_id}/files?project=files"
    assert waited_for(lambda: anybody.ask(path).status == 200)

    whole, first = anybody.ask(path).json, anybody.ask(f"{path}&limit=2").json

    assert [one["path"] for one in whole["items"]] == ["a", "sub", "sub/b.py"]
    assert whole["items"][2]["entry"]["size"] == 1
    assert (first["items"], first["next"]) == (whole["items"][:2], "3")
