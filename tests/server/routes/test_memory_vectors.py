"""How far vectors are, over HTTP."""

import json

from tests.server.running import Running, waited_for

AT = "/api/v1/memory/vectors?project=vectors"


def test_it_tells_how_far_the_vectors_of_a_project_are_and_why_there_are_none(anybody: Running) -> None:
    wish = json.dumps({"text": "Lunch is at noon", "collection": "one"}).encode()
    anybody.ask("/api/v1/memory?project=vectors", wish, "POST", content_type="application/json")

    before = anybody.ask(AT).json
    one = {"collection": "one", "owner": "", "serving": before["model"], "made": 0, "of": 1, "others": 0}
    assert before == {**before, "status": "idle", "made": 0, "of": 1, "collections": [one]}

    assert anybody.ask(AT, b"", "POST").json["status"] in {"waiting", "running"}
    assert waited_for(lambda: anybody.ask(AT).json["status"] == "failed", 60)
    assert "is not installed" in anybody.ask(AT).json["said"]
    assert anybody.ask(AT, b"", "DELETE").json["of"] == 1
