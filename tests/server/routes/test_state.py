"""The states of agents over HTTP."""

import json
import urllib.request
from typing import Any

from tests.server.running import Answer, Running

AT = "/api/v1/state"


def commit(server: Running, agent: str, *operations: dict[str, Any], **more: Any) -> Answer:
    told = {"operations": [{"agent": agent, **one} for one in operations], **more}
    return server.ask(f"{AT}/transactions", json.dumps(told).encode(), "POST", content_type="application/json")


def test_what_is_committed_is_read(anybody: Running) -> None:
    value = {"a": [1, {"$bytes": "AP8="}], "big": {"$integer": str(2**70)}}

    done = commit(anybody, "one", {"key": "k/1 ü?", "value": value}, {"key": "other", "value": None}).json

    assert [(one["key"], one["version"]) for one in done["operations"]] == [("k/1 ü?", 1), ("other", 1)]
    found = anybody.ask(f"{AT}/fact?agent=one&key=k/1%20%C3%BC%3F").json
    assert (found["value"], found["version"], found["position"]) == (value, 1, done["position"])
    assert anybody.ask(f"{AT}/keys?agent=one&prefix=o").json["items"] == ["other"]
    assert [one["key"] for one in anybody.ask(f"{AT}/facts?agent=one").json["items"]] == ["k/1 ü?", "other"]


def test_what_a_key_held_is_read(anybody: Running) -> None:
    first = commit(anybody, "two", {"key": "k", "value": 1}).json
    second = commit(anybody, "two", {"key": "k", "value": 2}).json
    commit(anybody, "two", {"key": "k", "is_deleted": True})

    def value(question: str) -> Any:
        return anybody.ask(f"{AT}/fact?agent=two&key=k&{question}").json.get("value")

    assert value("version=1") == value(f"position={first['position']}") == value(f"time={first['committed']}") == 1
    assert value(f"position={second['position']}") == 2
    assert anybody.ask(f"{AT}/fact?agent=two&key=k").status == 404
    assert anybody.ask(f"{AT}/fact?agent=two&key=k&version=9").status == 404
    assert anybody.ask(f"{AT}/fact?agent=two&key=k&position=1&time=1").status == 400
    whole = anybody.ask(f"{AT}?agent=two&position={second['position']}").json
    assert [one["value"] for one in whole["facts"]] == [2]
    history = anybody.ask(f"{AT}/history?agent=two&key=k&limit=2").json
    assert [(one["version"], one["is_deleted"]) for one in history["items"]] == [(3, True), (2, False)]
    diff = anybody.ask(f"{AT}/diff?agent=two&earlier={first['position']}&later={second['position']}").json["items"]
    assert [(one["before"]["value"], one["after"]["value"]) for one in diff] == [(1, 2)]


def test_the_log_comes_in_pages(anybody: Running) -> None:
    done = [commit(anybody, "three", {"key": "k", "value": number}).json["position"] for number in range(5)]

    first = anybody.ask(f"{AT}/log?agent=three&limit=3").json
    second = anybody.ask(f"{AT}/log?agent=three&limit=3&cursor={first['next']}").json
    between = anybody.ask(f"{AT}/log?agent=three&behind={done[0]}&up_to={done[2]}").json

    assert [one["position"] for one in first["items"] + second["items"]] == done
    assert second["next"] is None
    assert [one["position"] for one in between["items"]] == done[1:3]
    assert anybody.ask(f"{AT}/log?agent=three&cursor=x").status == 400


def test_an_unexpected_version_is_a_conflict(anybody: Running) -> None:
    commit(anybody, "four", {"key": "k", "value": 1})

    refused = commit(anybody, "four", {"key": "k", "value": 2, "expected": 0}, {"key": "l", "value": 2})

    assert (refused.status, refused.json["error"]["kind"]) == (409, "FactConflict")
    assert anybody.ask(f"{AT}/keys?agent=four").json["items"] == ["k"]


def test_a_transaction_sent_twice_is_done_once(anybody: Running) -> None:
    done = [commit(anybody, "five", {"key": "k", "value": 1}, idempotency="once").json for _ in range(2)]

    assert done[0] == done[1]


def test_past_states_are_given_up(anybody: Running) -> None:
    done = [
        commit(anybody, "six", {"key": "k", "value": number, "namespace": "n"}).json["position"] for number in range(4)
    ]
    told = json.dumps({"before": int(done[2]), "keeping": [int(done[0])]}).encode()

    answer = anybody.ask(f"{AT}/compact", told, "POST", content_type="application/json")

    assert answer.status == 200
    assert anybody.ask(f"{AT}?agent=six&namespace=n&position={done[0]}").json["facts"][0]["value"] == 0
    gone = anybody.ask(f"{AT}?agent=six&namespace=n&position={done[1]}")
    assert (gone.status, gone.json["error"]["kind"]) == (404, "StateForgotten")


def test_what_is_committed_is_heard_of(anybody: Running) -> None:
    done = [commit(anybody, "seven", {"key": "k", "value": number}).json for number in range(2)]
    behind = int(done[0]["position"])

    with urllib.request.urlopen(f"{anybody.address}{AT}/watch?agent=seven&position={behind}", timeout=20) as lines:
        heard = [lines.readline().decode().strip() for _ in range(5)]
        later = commit(anybody, "seven", {"key": "k", "value": "later"}).json
        heard += [lines.readline().decode().strip() for _ in range(4)]

    told = [json.loads(line.removeprefix("data: ")) for line in heard if line.startswith("data: ")]
    assert told == [done[1], later]
    assert f"id: {later['position']}" in heard


def test_the_states_of_a_project_are_listed(anybody: Running) -> None:
    commit(anybody, "eight", {"key": "k", "value": 1, "namespace": "listed"})

    found = anybody.ask("/api/v1/states").json["items"]

    assert {"namespace": "listed", "agent": "eight"}.items() <= next(
        one for one in found if one["agent"] == "eight"
    ).items()


def test_names_are_checked(anybody: Running) -> None:
    assert anybody.ask(f"{AT}/keys?agent=").status == 400
    assert anybody.ask(f"{AT}/keys").status == 400
    assert commit(anybody, "nine", {"key": "", "value": 1}).status == 400
    assert commit(anybody, "nine", {"key": "k", "value": {"$bytes": "?"}}).status == 400
