"""Sessions over HTTP."""

import json

from tests.server.population import Population
from tests.server.running import Running


def test_sessions_are_found_newest_first_and_in_pages(server: Running, stored: Population) -> None:
    first = server.ask("/api/v1/sessions?project=demo&limit=1").json
    rest = server.ask(f"/api/v1/sessions?project=demo&limit=100&cursor={first['next']}").json

    started = [int(row["started"]) for row in [*first["items"], *rest["items"]]]
    assert len(first["items"]) == 1
    assert started == sorted(started, reverse=True)
    assert {stored.session, stored.fork, stored.running} <= {row["id"] for row in [*first["items"], *rest["items"]]}


def test_sessions_are_filtered(server: Running, stored: Population) -> None:
    def found(text: str) -> list[str]:
        return [row["id"] for row in server.ask(f"/api/v1/sessions?project=demo&q={text}").json["items"]]

    assert found("label:env=kettle%20tool:lookup%20status:completed") == [stored.session]
    assert stored.session not in found("-model:gpt*")
    assert found("model:gpt*%20order%20seven") == [stored.session]
    assert found("agent:nobody") == []


def test_a_session_has_its_summary(server: Running, stored: Population) -> None:
    answer = server.ask(f"/api/v1/sessions/{stored.session}")

    assert (answer.status, answer.json["labels"], answer.json["status"]) == (200, {"env": "kettle"}, "completed")
    assert answer.json["summary"]["tools"] == {"lookup": 1}
    assert answer.json["summary"] == server.ask(f"/api/v1/sessions/{stored.session}/summary").json


def test_a_family_is_told_from_its_first_session_on(server: Running, stored: Population) -> None:
    items = server.ask(f"/api/v1/sessions/{stored.fork}/family").json["items"]

    assert [(item["depth"], item["row"]["id"]) for item in items] == [(0, stored.session), (1, stored.fork)]


def test_what_is_not_there_is_404_in_the_shape_of_every_error(server: Running) -> None:
    for path in ("", "/summary", "/family", "/spans", "/columns", "/export"):
        answer = server.ask(f"/api/v1/sessions/nobody{path}")

        assert (answer.status, answer.json["error"]["kind"]) == (404, "SessionMissing")
        assert answer.json["error"]["hint"]


def test_a_filter_that_cannot_be_read_tells_the_column(server: Running) -> None:
    answer = server.ask("/api/v1/sessions?project=demo&q=agent:x%20statu:failed")

    assert answer.status == 400
    assert answer.json["error"] | {"message": ""} == {
        "kind": "FilterInvalid",
        "message": "",
        "hint": 'did you mean status? to search for it as it stands, put it in quotes: "statu:failed"',
        "column": 9,
    }


def test_a_limit_and_a_cursor_are_checked(server: Running) -> None:
    assert server.ask("/api/v1/sessions?limit=0").status == 400
    assert server.ask("/api/v1/sessions?limit=many").status == 400
    assert server.ask("/api/v1/sessions?cursor=x").json["error"]["kind"] == "CursorInvalid"


def test_a_session_is_named_and_labelled(server: Running, stored: Population) -> None:
    def told(**fields: object) -> dict[str, object]:
        body = json.dumps(fields).encode()
        answer = server.ask(f"/api/v1/sessions/{stored.fork}", body, "PATCH", content_type="application/json")
        assert answer.status == 200, answer.json
        return {name: answer.json[name] for name in ("name", "labels")}

    assert told(name="the fork", labels={"a": "1", "b": "2"}) == {"name": "the fork", "labels": {"a": "1", "b": "2"}}
    assert told(labels={"a": None, "c": "3"}) == {"name": "the fork", "labels": {"b": "2", "c": "3"}}
    assert server.ask(f"/api/v1/sessions/{stored.fork}").json["origin"]["session"] == stored.session


def test_a_session_that_is_recorded_is_not_named_and_nothing_else_is_told(server: Running, stored: Population) -> None:
    path = f"/api/v1/sessions/{stored.running}"

    assert server.ask(path, b'{"name": "x"}', "PATCH", content_type="application/json").status == 409
    assert server.ask(path, b'{"cost": 0}', "PATCH", content_type="application/json").status == 400
    assert server.ask(path, b"{", "PATCH", content_type="application/json").status == 400


def test_nothing_is_deleted_that_was_not_confirmed(server: Running, stored: Population) -> None:
    path = f"/api/v1/sessions/{stored.session}"

    for confirm in ("", "?confirm=yes", f"?confirm={stored.fork}"):
        answer = server.ask(path + confirm, method="DELETE")
        assert (answer.status, answer.json["error"]["kind"]) == (400, "Unconfirmed")
    assert server.ask(path).status == 200


def test_a_session_is_deleted_with_a_receipt(server: Running, stored: Population) -> None:
    tape = server.ask(f"/api/v1/sessions/{stored.fork}/export").body
    server.ask("/api/v1/import?project=passing", tape, "POST")
    path = f"/api/v1/sessions/{stored.fork}?project=passing"

    answer = server.ask(f"{path}&confirm={stored.fork}", method="DELETE")

    assert (answer.status, answer.json["sessions"], answer.json["spans"]) == (200, 1, 1)
    assert server.ask(path).status == 404
    assert server.ask(f"/api/v1/sessions/{stored.fork}").status == 200
