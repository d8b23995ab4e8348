"""Only what was configured is asked, and only where it was said to be."""

import pytest

from agentreplay.errors import ValueInvalid
from agentreplay.server.gateway.upstreams import Upstream, read_upstreams


def test_providers_are_known_and_may_be_moved() -> None:
    upstreams = read_upstreams(["openai=http://localhost:8000/v1/", "groq=https://api.groq.com/openai/v1"])

    assert upstreams["openai"].base == "http://localhost:8000/v1"
    assert upstreams["anthropic"].base == "https://api.anthropic.com"
    assert {one.mount for one in upstreams.values()} == {"openai/v1", "anthropic", "gemini", "ollama", "proxy/groq"}


def test_an_address_is_taken_apart() -> None:
    upstream = Upstream("a", "https://[::1]:8443/x/")

    assert (upstream.host, upstream.port, upstream.authority, upstream.path, upstream.is_secure) == (
        "::1",
        8443,
        "[::1]:8443",
        "/x",
        True,
    )
    assert Upstream("a", "http://a.example").port == 80


@pytest.mark.parametrize(
    "told",
    [
        "groq",
        "Groq=https://a.example",
        "../x=https://a.example",
        "a=ftp://a.example",
        "a=https://",
        "a=https://key@a.example",
        "a=https://a.example/?key=1",
        "a=https://a.example:99999",
        "a=https://a.example/\r\nx",
    ],
)
def test_what_is_no_upstream_is_refused(told: str) -> None:
    with pytest.raises(ValueInvalid, match="upstream"):
        read_upstreams([told])
