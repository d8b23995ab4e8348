"""What is remembered, over HTTP."""

import base64
import json
from typing import Any

from tests.server.running import Answer, Running

AT = "/api/v1/memory"


def post(server: Running, path: str, told: dict[str, Any], verb: str = "POST") -> Answer:
    return server.ask(f"{AT}{path}", json.dumps(told).encode(), verb, content_type="application/json")


def keep(server: Running, collection: str, **texts: str) -> list[str]:
    """Remember these under their ids; the positions of each."""
    told = ({"text": text, "id": name, "collection": collection} for name, text in texts.items())
    return [post(server, "", one).json["position"] for one in told]


def ids(answer: Answer) -> list[str]:
    return [one["id"] for one in answer.json["items"]]


def test_what_is_remembered_is_found(anybody: Running) -> None:
    wish = {"text": "The staging server is Ada", "collection": "one", "metadata": {"team": "infra"}, "author": "me"}
    [record] = post(anybody, "", wish).json["ids"]
    keep(anybody, "one", lunch="Lunch is at noon")

    found = anybody.ask(f"{AT}/search?collection=one&text=staging%20server").json
    assert (found["by"], [one["record"]["id"] for one in found["items"]]) == ("words", [record])
    assert found["items"][0]["snippet"][1] == {"text": "staging", "matches": True}
    assert "embeddings" in found["note"]
    assert ids(anybody.ask(f"{AT}?collection=one")) == ["lunch", record]
    assert ids(anybody.ask(f'{AT}?collection=one&metadata={{"team":"infra"}}&author=me')) == [record]
    assert anybody.ask(f"{AT}?collection=one&metadata=x").status == 400
    everywhere = anybody.ask(f"{AT}/search?everywhere=true&text=staging").json["items"]
    assert record in [one["record"]["id"] for one in everywhere]
    assert "one" in [one["collection"] for one in anybody.ask(f"{AT}/collections").json["items"]]


def test_a_record_tells_what_it_was(anybody: Running) -> None:
    [first] = keep(anybody, "two", lunch="Lunch is at noon")
    changed = post(anybody, "/record?collection=two&record=lunch", {"text": "At one", "expected": 1}, "PATCH").json

    assert (changed["version"], changed["text"]) == (2, "At one")
    assert post(anybody, "/record?collection=two&record=lunch", {"text": "x", "expected": 1}, "PATCH").status == 409
    assert anybody.ask(f"{AT}/record?collection=two&record=lunch&version=1").json["text"] == "Lunch is at noon"
    assert anybody.ask(f"{AT}/record?collection=two&record=nobody").status == 404
    history = anybody.ask(f"{AT}/history?collection=two&record=lunch&limit=1").json
    assert ([one["version"] for one in history["items"]], history["next"]) == ([2], "2")
    whole = anybody.ask(f"{AT}/whole?collection=two&position={first}").json
    assert [one["text"] for one in whole["records"]] == ["Lunch is at noon"]
    then = anybody.ask(f"{AT}/search?collection=two&text=noon&position={first}").json["items"]
    assert [one["record"]["version"] for one in then] == [1]
    log = anybody.ask(f"{AT}/log?collection=two").json["items"]
    assert [(one["position"], one["written"], one["removed"]) for one in log] == [
        (changed["position"], 1, 0),
        (first, 1, 0),
    ]
    diff = anybody.ask(f"{AT}/diff?collection=two&earlier={first}").json["items"]
    assert [(one["before"]["text"], one["after"]["text"]) for one in diff] == [("Lunch is at noon", "At one")]


def test_records_end_in_three_ways(anybody: Running) -> None:
    keep(anybody, "three", a="text", b="text", c="text")

    def end(how: str, *records: str) -> Answer:
        return post(anybody, "/end", {"collection": "three", "how": how, "records": records})

    assert end("expire", "a").json["records"] == 0
    assert end("remove", "b").status == 200
    assert end("forget", "c").json["versions"] == 1
    assert ids(anybody.ask(f"{AT}?collection=three")) == []
    assert ids(anybody.ask(f"{AT}?collection=three&expired=true")) == ["a"]
    assert anybody.ask(f"{AT}/record?collection=three&record=b").json["text"] is None
    assert anybody.ask(f"{AT}/record?collection=three&record=c").status == 404
    assert end("remove", "b").status == 404


def test_collections_are_merged_and_forked(anybody: Running) -> None:
    positions = keep(anybody, "four", a="text", b="Text!", c="other")

    assert ids_of(post(anybody, "/merge", {"collection": "four", "into": "a", "others": ["b"]})) == ["a", "b"]
    assert post(anybody, "/merge", {"collection": "four"}).json["items"] == []
    wish = {"collection": "four", "target": "forked", "position": int(positions[-1]), "without": ["a"]}
    assert post(anybody, "/fork", wish).json["ids"] == ["b", "c"]
    assert post(anybody, "/fork", wish).status == 409


def ids_of(answer: Answer) -> list[str]:
    found: list[str] = answer.json["items"]
    return found


def test_documents_are_taken_in(anybody: Running) -> None:
    data = base64.b64encode(b"# Servers\nThe staging server is Ada.").decode()

    assert post(anybody, "/ingest", {"place": "a.md", "data": data, "collection": "five"}).json["chunks"] == 1
    assert post(anybody, "/ingest", {"place": "b.txt", "text": "text", "collection": "five"}).json["changed"] == 1
    [record] = anybody.ask(f"{AT}?collection=five&origin=a.md").json["items"]
    assert (record["source"]["heading"], record["source"]["first_line"]) == ("Servers", 1)
    assert post(anybody, "/ingest", {"place": "c.txt"}).status == 400
    assert post(anybody, "/ingest", {"place": "c.txt", "data": "!"}).status == 400


def test_what_names_no_collection_is_refused(anybody: Running) -> None:
    assert anybody.ask(f"{AT}?owner=me").status == 400
    assert post(anybody, "", {"text": " "}).status == 400
    assert post(anybody, "", {"text": "a", "owner": "agent:planner"}).status == 200
    assert ids(anybody.ask(f"{AT}?owner=agent:planner"))


def test_what_is_found_comes_in_pages(anybody: Running) -> None:
    keep(anybody, "paged", **{f"n{number}": f"plum {'tree ' * number}" for number in range(5)})
    at = f"{AT}/search?collection=paged&text=plum"
    whole = [one["record"]["id"] for one in anybody.ask(at).json["items"]]

    first = anybody.ask(f"{at}&limit=3").json
    second = anybody.ask(f"{at}&limit=3&cursor={first['next']}").json

    assert [one["record"]["id"] for page in (first, second) for one in page["items"]] == whole
    assert (len(second["items"]), second["next"]) == (2, None)
    assert anybody.ask(f"{at}&cursor=nonsense").status == 400
    assert anybody.ask(f"{at}&cursor=-3").status == 400
