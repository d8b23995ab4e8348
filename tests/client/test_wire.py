"""The server is asked where the settings say it is, and what is no server is said to be none."""

from pathlib import Path

import pytest

from agentreplay.client.client import Client
from agentreplay.client.wire import Address, address_of
from agentreplay.errors import ServerFailed, ServerMissing
from agentreplay.settings import Settings
from agentreplay.testing.loopback import Loopback, Response


def test_the_address_is_that_of_this_machine_or_of_the_server_that_is_shipped_to() -> None:
    assert address_of(Settings(db_path=Path(), port=5)) == "http://127.0.0.1:5"
    assert address_of(Settings(db_path=Path(), host="::1", port=5)) == "http://[::1]:5"
    assert address_of(Settings(db_path=Path(), url="https://a.example/x/")) == "https://a.example/x"


def test_an_answer_that_is_none_of_ours_is_no_server() -> None:
    with (
        Loopback(lambda _: Response(chunks=(b"<html>",))) as server,
        Client(server.url) as client,
        pytest.raises(ServerFailed, match="not one of ours"),
    ):
        client.version()


def test_what_is_missing_is_said_without_numbers() -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(ServerMissing, match="Connection refused"):
        client.version()
    assert "it took too long" in Address.of("http://127.0.0.1:9", None).missing(TimeoutError()).message
