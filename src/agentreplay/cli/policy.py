"""`agentreplay policy`: what may be kept in each project."""

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.core.policy import choose_policy, policy_named, read_policies
from agentreplay.settings import CONTENT_POLICIES

__all__ = ["policy"]


@click.command(cls=Command)
@click.argument("chosen", metavar="[POLICY]", required=False, type=click.Choice([*CONTENT_POLICIES, "default"]))
@with_invocation
def policy(invocation: Invocation, /, *, chosen: str | None) -> None:
    """Show or choose what may be kept in a project: full, redacted, structure or default.

    With `full` everything is kept, with `redacted` all but secrets, with `structure` no text at all; `default` is what
    AGENTREPLAY_CONTENT says for the projects without a policy of their own. What is recorded from now on obeys; what is
    stored stays as it is.
    """
    settings = invocation.settings
    if chosen is not None:
        choose_policy(settings.db_path, invocation.project, policy_named(chosen))
    policies = read_policies(settings.db_path)
    if invocation.wants_json:
        output.document({"default": settings.content, "projects": dict(policies)})
        return
    for project, one in sorted(policies.items()):
        output.data(output.clean(f"{project} = {one}"))
    output.note(f"{settings.content} in all {'other ' if policies else ''}projects")
