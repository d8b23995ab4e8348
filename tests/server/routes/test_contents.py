"""Contents over HTTP."""

from tests.server.population import PAGE, Population
from tests.server.running import Running


def test_a_content_is_whole_and_kept_for_ever(server: Running, stored: Population) -> None:
    answer = server.ask(f"/api/v1/contents/{stored.page}")

    assert (answer.status, answer.body) == (200, PAGE.data + b"kettle")
    assert answer.headers["etag"] == f'"{stored.page}"'
    assert "immutable" in answer.headers["cache-control"]
    again = server.ask(f"/api/v1/contents/{stored.page}", if_none_match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_what_a_browser_could_run_is_only_saved(server: Running, stored: Population) -> None:
    headers = server.ask(f"/api/v1/contents/{stored.page}?name=a/../b%22.html").headers

    assert headers["content-disposition"] == 'attachment; filename="a_.._b_.html"'
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]


def test_a_part_of_a_content_is_served(server: Running, stored: Population) -> None:
    whole = PAGE.data + b"kettle"

    for told, expected in (("bytes=0-3", whole[:4]), ("bytes=250-", whole[250:]), ("bytes=-6", b"kettle")):
        answer = server.ask(f"/api/v1/contents/{stored.page}", range=told)
        assert (answer.status, answer.body) == (206, expected)
        assert answer.headers["content-range"].endswith(f"/{len(whole)}")
    outside = server.ask(f"/api/v1/contents/{stored.page}", range="bytes=9999-")
    assert (outside.status, outside.headers["content-range"]) == (416, f"bytes */{len(whole)}")


def test_a_content_that_is_not_there(server: Running) -> None:
    assert server.ask(f"/api/v1/contents/{'0' * 64}").json["error"]["kind"] == "ContentMissing"
    assert server.ask("/api/v1/contents/zz").status == 400
