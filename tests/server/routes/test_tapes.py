"""Tapes over HTTP."""

from tests.server.population import OURS, Population
from tests.server.running import Running


def test_a_session_is_the_same_file_twice(server: Running, stored: Population) -> None:
    first = server.ask(f"/api/v1/sessions/{stored.session}/export")

    assert first.headers["content-disposition"].endswith(f'filename="{stored.session}.tape"')
    again = server.ask(f"/api/v1/sessions/{stored.session}/export", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_a_tape_becomes_the_own_of_who_sends_it(server: Running, stored: Population) -> None:
    tape = server.ask(f"/api/v1/sessions/{stored.session}/export").body

    for _ in range(2):
        answer = server.ask("/api/v1/import?project=elsewhere", tape, "POST")

        assert answer.status == 200, answer.json
        assert (answer.json["tenant"], answer.json["project"]) == (OURS, "elsewhere")
        assert answer.json["summary"]["spans"] == 4
    assert len(server.ask("/api/v1/sessions?project=elsewhere").json["items"]) == 1


def test_what_is_no_tape_is_refused(server: Running, stored: Population) -> None:
    tape = server.ask(f"/api/v1/sessions/{stored.session}/export").body

    assert server.ask("/api/v1/import", b"nothing", "POST").json["error"]["kind"] == "TapeUnreadable"
    assert server.ask("/api/v1/import", tape[:-9], "POST").json["error"]["kind"] == "TapeDamaged"
