"""`agentreplay retrievals`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agentreplay.model.call import Answer, Request
from agentreplay.model.ids import SessionId
from agentreplay.store.memory import MemoryStore
from agentreplay.testing import Maker
from tests.taping import Taping, call

Run = Callable[..., Result]

FOUND = [{"id": "a", "score": 0.9}, {"id": "b", "score": 0.4}]
PROGRAM = """
def find(query, top_k=2):
    return [{"id": name, "score": 0.9} for name in "axyz"][:top_k]
"""


@pytest.fixture
def session(memory: MemoryStore, make: Maker) -> SessionId:
    request = Request(seam="retrieval", operation="find", body=b'{"query": "kettles"}')
    answer = Answer(body=json.dumps(FOUND).encode(), turn=1)
    return Taping(memory, make).keep([call("main#1", request, answer)]).session


def test_what_was_found_is_cut_where_nothing_is_asked(run: Run, session: SessionId) -> None:
    same, fewer = run("retrievals", session), run("retrievals", session, "--threshold", "0.5")

    assert (same.exit_code, fewer.exit_code) == (0, 1)
    assert "2 → 2, same" in same.stdout
    assert "dropped  b" in fewer.stdout
    assert run("retrievals", session, "--from", "end").stdout == ""
    assert run("retrievals", session, "--skip", "find", "--top-k", "1").exit_code == 0


def test_a_function_of_the_folder_is_asked_again(
    run: Run, session: SessionId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop_search.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    result = run("retrievals", session, "--with", "shop_search:find", "--top-k", "3", "--stop-on-mismatch", "--json")

    (item,) = json.loads(result.stdout)["items"]
    assert (result.exit_code, item["outcome"]) == (1, "changed")
    assert (item["added"], item["dropped"]) == (["x", "y"], ["b"])
    assert run("retrievals", session, "--with", "shop_search").exit_code == 2
    assert run("retrievals", session, "--with", "shop_search:lose").exit_code == 2
    assert run("retrievals", session, "--with", "shop_search:PROGRAM").exit_code == 2
