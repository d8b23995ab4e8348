"""Spans over HTTP."""

from tests.server.population import Population
from tests.server.running import Running


def one(stored: Population, span: str, rest: str = "") -> str:
    return f"/api/v1/spans/{stored.trace}/{span}{rest}"


def ids(server: Running, path: str) -> list[str]:
    answer = server.ask(path)
    assert answer.status == 200, answer.json
    return [row["span_id"] for row in answer.json["items"]]


def test_a_span_is_whole_and_its_times_are_text(server: Running, stored: Population) -> None:
    span = server.ask(one(stored, stored.first)).json

    assert (span["kind"], span["model"], span["agent"]) == ("llm", "gpt-5-mini", "helper")
    assert span["attributes"]["agentreplay.call"]["site"] == ["agent.py", 7, "ask"]
    assert int(span["end"]) - int(span["start"]) == int(span["duration"])
    assert [kept["role"] for kept in span["kept"]] == ["request", "answer"]


def test_spans_of_a_session_come_in_windows(server: Running, stored: Population) -> None:
    path = f"/api/v1/sessions/{stored.session}/spans"
    whole = server.ask(path).json
    window = server.ask(f"{path}?start=2&limit=2").json

    assert [row["seq"] for row in whole["items"]] == [1, 2, 3, 4]
    assert whole["next"] is None
    assert (window["items"], window["next"]) == (whole["items"][1:3], "4")


def test_columns_tell_what_rows_tell(server: Running, stored: Population) -> None:
    rows = server.ask(f"/api/v1/sessions/{stored.session}/spans").json["items"]
    told = server.ask(f"/api/v1/sessions/{stored.session}/columns").json

    def word(name: str, place: int) -> str | None:
        at = told[name]["at"]
        found: str | None = told[name]["words"][at[place] if at else 0]
        return found

    assert told["count"] == len(rows)
    for place, row in enumerate(rows):
        for name in ("kind", "name", "status", "agent", "model", "provider", "tool", "trace_id"):
            assert word(name, place) == row[name]
        assert int(told["base"]) + told["start"][place] == int(row["start"])
        assert told["duration"][place] == int(row["duration"])
        assert told["span_id"][place] == row["span_id"]
        assert told["tokens"][place] == row["usage"]["total"]
        assert told["cost"][place] == row["cost"]
    assert told["parent"] == [0, 1, 1, 1]


def test_a_span_has_a_family(server: Running, stored: Population) -> None:
    children = [stored.first, stored.second, stored.tool]

    assert ids(server, one(stored, stored.root, "/children")) == children
    assert ids(server, one(stored, stored.root, "/descendants")) == children
    assert ids(server, one(stored, stored.root, "/subtree")) == [stored.root, *children]
    assert ids(server, one(stored, stored.first, "/siblings")) == children[1:]
    assert ids(server, one(stored, stored.first, "/ancestors")) == [stored.root]


def test_children_come_in_pages(server: Running, stored: Population) -> None:
    page = server.ask(one(stored, stored.root, "/children?limit=2")).json

    assert ids(server, one(stored, stored.root, f"/children?limit=2&cursor={page['next']}")) == [stored.tool]


def test_two_spans_are_joined_by_a_path(server: Running, stored: Population) -> None:
    route = server.ask(one(stored, stored.first, f"/path?to={stored.tool}")).json

    assert [span["span_id"] for span in route["spans"]] == [stored.first, stored.root, stored.tool]
    assert route["top"] == 1


def test_spans_are_found_by_a_filter(server: Running, stored: Population) -> None:
    assert ids(server, "/api/v1/spans?project=demo&q=kind:tool") == [stored.tool]
    assert ids(server, "/api/v1/spans?project=demo&q=kind:llm,tool%20-tool:lookup") == [stored.second, stored.first]
    assert ids(server, "/api/v1/spans?project=demo&q=tokens%3E0") == [stored.second]
    assert ids(server, "/api/v1/spans?project=demo&q=on%20its%20way") == [stored.second, stored.first]
    assert ids(server, "/api/v1/spans?q=kind:tool&project=other") == []


def test_an_id_that_cannot_be_one_is_400_and_one_that_is_not_there_404(server: Running, stored: Population) -> None:
    absent = "0123456789abcdef"

    for rest in ("", "/ancestors", "/siblings", "/subtree", "/messages", "/turn", "/call", "/call/request"):
        assert server.ask(one(stored, "xyz", rest)).status == 400
        assert server.ask(one(stored, absent, rest)).json["error"]["kind"] == "SpanMissing"
    assert server.ask(one(stored, stored.first, "/path?to=xyz")).status == 400
    assert server.ask(one(stored, stored.first, "/path")).status == 400
