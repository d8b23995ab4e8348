"""The server is asked where the settings say it is."""

from pathlib import Path

import pytest

from agentreplay.cli.asking import address_of, ask
from agentreplay.errors import ServerMissing
from agentreplay.settings import Settings
from agentreplay.testing.loopback import Loopback, Response


def test_the_address_is_that_of_this_machine_or_of_the_server_that_is_shipped_to() -> None:
    assert address_of(Settings(db_path=Path(), port=5)) == "http://127.0.0.1:5"
    assert address_of(Settings(db_path=Path(), host="::1", port=5)) == "http://[::1]:5"
    assert address_of(Settings(db_path=Path(), url="https://a.example/x/")) == "https://a.example/x"


def test_an_answer_that_is_none_of_ours_is_no_server() -> None:
    with (
        Loopback(lambda _: Response(chunks=(b"<html>",))) as server,
        pytest.raises(ServerMissing, match="No server answers at http"),
    ):
        ask(Settings(db_path=Path(), url=server.url), "GET", "/x")
