"""Starts a server, tells it what a program does without being recorded, and asks it.

Prints:
    seen live: chat
    completed, 1280 tokens, $0.0038
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from agentreplay import AgentReplayClient, Client


@contextmanager
def server(folder: str) -> Iterator[str]:
    """A server over a folder of its own, on a port that is free; it ends with this program."""
    command = [sys.executable, "-m", "agentreplay.cli", "--db-path", folder, "--json", "up", "--until-eof"]
    ports = ["--port", "0", "--no-otlp-ports", "--no-grpc"]
    with subprocess.Popen([*command, *ports], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield json.loads(process.stdout.readline())["address"]
        process.stdin.close()


if __name__ == "__main__":
    with TemporaryDirectory() as folder, server(folder) as address, Client(address) as client:
        with (
            AgentReplayClient(address) as told,
            told.trace("order 7", agent="clerk") as order,
            order.child("chat", kind="llm") as call,
        ):
            call.set_model("gpt-4o", "openai")
            call.set_messages([{"role": "user", "content": "Where is my order?"}])
            call.set_output("It ships on Friday.")
            call.set_token_count(80, input=1200)
        for event in client.live(position=0):
            if event.name == "span" and event.data["kind"] == "llm":
                break
        print("seen live:", event.data["name"])
        row = client.sessions("agent:clerk")["items"][0]
        summary = row["summary"]
        print(f"{row['status']}, {summary['usage']['total']} tokens, ${summary['cost'] / 1e9:.4f}")
