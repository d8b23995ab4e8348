"""`agentreplay gateway`: replay and fork what was recorded through the gateway, with any program in any language."""

from collections.abc import Sequence
from typing import Any

import click
import msgspec

from agentreplay.cli import output
from agentreplay.cli.command import Command, Group, with_invocation
from agentreplay.cli.human import noun
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.replay import hint_lines, verdict_lines
from agentreplay.client.client import Client
from agentreplay.client.wire import address_of
from agentreplay.playback.verdict import Verdict

__all__ = ["gateway", "replay", "verdict"]


@click.group(cls=Group)
def gateway() -> None:
    """Replay and fork programs in any language through the gateway of the server.

    A program is recorded when it asks <server>/gateway/openai/v1, /gateway/anthropic, /gateway/gemini,
    /gateway/ollama or /gateway/proxy/<name> instead of the provider.
    """


@gateway.command(cls=Command)
@click.argument("session")
@click.option(
    "--on-divergence",
    type=click.Choice(["stop", "serve", "live"]),
    default="stop",
    help="What to do where the program parts from the tape.",
)
@click.option("--speed", type=click.Choice(["instant", "recorded"]), default="instant", help="How fast to serve.")
@click.option("--at", default="", metavar="STEP", help="Fork: the step of the call to change, or `last`.")
@click.option("--set", "sets", metavar="PATH=VALUE", multiple=True, help="Fork: what is otherwise there.")
@with_invocation
def replay(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation, /, *, session: str, on_divergence: str, speed: str, at: str, sets: Sequence[str]
) -> None:
    """Begin a replay, and print the addresses to give the program.

    Nothing but the address has to be changed: what the program asks there is answered from the recording. With --at
    what lies before that step is served, the step is changed as --set says, and what follows is performed and
    recorded as a session of its own.
    """
    if sets and not at:
        raise click.UsageError("--set needs --at, which says at which step.")
    with _client(invocation) as client:
        begun = client.gateway_replay(
            session,
            on_divergence=on_divergence,
            speed=speed,
            at=at,
            patches=sets,
            project=invocation.project,
        )
    if invocation.wants_json:
        output.document(begun)
        return
    address = address_of(invocation.settings)
    output.note(f"replaying session {begun['session']}, {noun(begun['calls'], 'call')}")
    for name, base in begun["bases"].items():
        output.data(f"{name}  {address}{base}")
    output.hint(f"`agentreplay gateway verdict {begun['token']}` says how it came out")


@gateway.command(cls=Command)
@click.argument("token")
@with_invocation
def verdict(invocation: Invocation, /, *, token: str) -> int:
    """Say how a replay came out.

    Exits with 0 when it came out the same, with 3 where it diverged: a call that was not made any more counts too.
    """
    with _client(invocation) as client:
        told: dict[str, Any] = client.gateway_verdict(token)
    if invocation.wants_json:
        output.document(told)
        return int(told["exit_code"])
    found = msgspec.convert({name: told[name] for name in Verdict.__struct_fields__ if name in told}, Verdict)
    for line in verdict_lines(found):
        output.data(line)
    if told["fork"] is not None:
        output.note(f"forked as {told['fork']}")
    else:
        for line in hint_lines(found):
            output.hint(line.replace("agentreplay fork", "agentreplay gateway replay"))
    return found.exit_code


def _client(invocation: Invocation) -> Client:
    return Client(address_of(invocation.settings), key=invocation.settings.key)
