"""Paths lead to upstreams and nowhere else; what belongs to a connection or to us stays behind."""

import gzip

import pytest

from agentreplay.errors import GatewayPathUnknown, RequestMalformed
from agentreplay.server.gateway.arrived import Arrived, Place, place_of, returned
from agentreplay.server.gateway.upstreams import read_upstreams

UPSTREAMS = read_upstreams(["groq=https://api.groq.com/openai/v1"])


def arrived(path: bytes = b"/gateway/openai/v1/x", *headers: tuple[bytes, bytes], **more: object) -> Arrived:
    scope = {"method": "POST", "query_string": b"", "headers": list(headers), **more}
    return Arrived.of(scope, place_of(path, UPSTREAMS), b"{}")


@pytest.mark.parametrize(
    ("path", "name", "rest", "session", "replay"),
    [
        (b"/gateway/openai/v1/chat/completions", "openai", "/chat/completions", "", ""),
        (b"/gateway/openai/v1", "openai", "", "", ""),
        (b"/gateway/anthropic/v1/messages", "anthropic", "/v1/messages", "", ""),
        (b"/gateway/proxy/groq/models%2Fx", "groq", "/models%2Fx", "", ""),
        (b"/gateway/session/run%2D7/ollama/api/chat", "ollama", "/api/chat", "run-7", ""),
        (b"/gateway/replay/t0k_en/gemini/v1beta/m:go", "gemini", "/v1beta/m:go", "", "t0k_en"),
    ],
)
def test_a_path_says_whom_a_request_is_for(path: bytes, name: str, rest: str, session: str, replay: str) -> None:
    assert place_of(path, UPSTREAMS) == Place(UPSTREAMS[name], rest, session, replay)


@pytest.mark.parametrize(
    "path",
    [
        b"/gateway/",
        b"/gateway/nobody/x",
        b"/gateway/groq/x",
        b"/gateway/proxy/openai/v1/x",
        b"/gateway/openai/chat/completions",
        b"/gateway/openai/v10",
        b"/gateway/proxy/https://evil.example/",
        b"/gateway/session/openai/v1/x",
    ],
)
def test_other_paths_lead_nowhere(path: bytes) -> None:
    with pytest.raises(GatewayPathUnknown, match="leads nowhere"):
        place_of(path, UPSTREAMS)


@pytest.mark.parametrize("step", [b"..", b".", b"%2e%2E", b"x%2f..%2fy", b"a/../b", b"..\\x"])
def test_no_path_climbs_out_of_the_upstream(step: bytes) -> None:
    with pytest.raises(RequestMalformed):
        place_of(b"/gateway/anthropic/" + step + b"/x", UPSTREAMS)


def test_what_leaves_is_what_came_but_for_the_connection_and_us() -> None:
    request = arrived(
        b"/gateway/openai/v1/x",
        (b"host", b"localhost:47100"),
        (b"authorization", b"Bearer k"),
        (b"connection", b"keep-alive, x-mine"),
        (b"x-mine", b"1"),
        (b"x-agentreplay-key", b"ours"),
        (b"x-agentreplay-session", b"s"),
        (b"transfer-encoding", b"chunked"),
        (b"accept-encoding", b"gzip, br"),
        (b"x-other", b"2"),
        query_string=b"a=b",
    )

    asking = request.asking()

    assert asking.target == "/v1/x?a=b"
    assert asking.headers == [
        (b"host", b"api.openai.com"),
        (b"authorization", b"Bearer k"),
        (b"x-other", b"2"),
        (b"accept-encoding", b"identity"),
        (b"content-length", b"2"),
    ]


def test_a_request_is_kept_plain_with_the_address_of_the_upstream() -> None:
    packed = gzip.compress(b'{"a":1}')
    place = place_of(b"/gateway/gemini/v1beta/models/m:go", UPSTREAMS)
    headers = [(b"content-encoding", b"gzip"), (b"content-type", b"application/json")]

    request = Arrived(place, "POST", "alt=sse&key=secret", headers, packed).request(1 << 20)

    assert request.body == b'{"a":1}'
    assert request.head["url"] == "https://generativelanguage.googleapis.com/v1beta/models/m:go?alt=sse"
    assert request.head["headers"] == {"content-type": "application/json"}
    assert Arrived(place, "POST", "", headers, packed).asking().body == packed


def test_headers_of_one_connection_are_not_given_back() -> None:
    headers = [(b"connection", b"close"), (b"date", b"x"), (b"content-length", b"1"), (b"x-a", b"b")]

    assert returned(headers) == [(b"content-length", b"1"), (b"x-a", b"b")]
