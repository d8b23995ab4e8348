"""Programs in any language are run through a gateway: recorded by `agentreplay run`, served by `agentreplay replay`."""

import os
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import msgspec

from agentreplay.cli import output
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.standing import gateway_for
from agentreplay.client.client import Client
from agentreplay.core.launch import accompany, find_program
from agentreplay.core.outside import asks_elsewhere, new_session, telling, variables_of
from agentreplay.core.replay import Manner
from agentreplay.core.starting import folder_of, foreign, is_vouched, vouch
from agentreplay.model.batch import Batch
from agentreplay.model.ids import SessionId
from agentreplay.model.session import Session, SessionKey, SessionRow
from agentreplay.playback.verdict import Verdict
from agentreplay.server.gateway.arrived import GATEWAY
from agentreplay.server.gateway.upstreams import read_upstreams
from agentreplay.store.journal.writer import JournalWriter

__all__ = ["record_through", "replay_through"]


def record_through(invocation: Invocation, command: Sequence[str], wanted: Session) -> int:
    """Run a program that asks models through a gateway; what it asked is a session that can be replayed."""
    settings = invocation.settings
    find_program(command)
    session = new_session(invocation.now)
    upstreams = (*settings.upstreams, *asks_elsewhere(os.environ))
    with gateway_for(settings, upstreams) as address:
        mounts = {name: upstream.mount for name, upstream in read_upstreams(upstreams).items()}
        bases = {name: f"{address}{GATEWAY}session/{session}/{mount}" for name, mount in mounts.items()}
        code = accompany(command, variables_of(bases, os.environ))
    told = telling(settings, session, command, wanted, invocation.now)
    if told.program is not None:
        vouch(settings.db_path, session, told.program, {})
    is_recorded = _tell(invocation, session, told)
    if invocation.wants_json:
        output.document({"session": session if is_recorded else None, "exit_code": code})
    elif is_recorded:
        output.note(f"recorded as {session}")
        output.hint(f"`agentreplay replay {session}` runs it again with the answers that were recorded")
    else:
        output.warn("it asked no model through the gateway, so nothing was recorded")
        output.hint("docs/gateway.md says how to tell a program where to ask")
    return code


def _tell(invocation: Invocation, session: SessionId, told: Session) -> bool:
    """Add what is known of the program, if anything came of it."""
    settings = invocation.settings
    if settings.url:
        # Whether anything came there is not known here.
        is_recorded = True
    else:
        with invocation.reading() as store:
            is_recorded = store.sessions.get(SessionKey(told.tenant, told.project, session)) is not None
    if is_recorded:
        with closing(JournalWriter(settings.recordings, settings.durability)) as writer:
            writer.append(Batch(sessions=(told,)))
    return is_recorded


def replay_through(invocation: Invocation, row: SessionRow, manner: Manner) -> Verdict:
    """Run the program of a session again; whatever it asks is answered from the recording."""
    settings, program = invocation.settings, row.session.program
    is_ours = is_vouched(settings.db_path, row.session, {})
    if not (manner.command or is_ours):
        raise foreign(row.session)
    command = manner.command or (program.argv if program is not None else ())
    folder = folder_of(program) if program is not None and is_ours else None
    find_program(command, folder)
    with gateway_for(settings, settings.upstreams) as address, Client(address, key=settings.key) as client:
        begun: dict[str, Any] = client.gateway_replay(
            row.session.id,
            on_divergence=manner.on_divergence,
            speed="recorded" if manner.at_recorded_speed else "instant",
            project=row.session.project,
        )
        bases = {name: address + base for name, base in begun["bases"].items()}
        code = accompany(command, variables_of(bases, os.environ), cwd=folder, is_quiet=manner.is_quiet)
        told: dict[str, Any] = client.gateway_verdict(begun["token"])
    verdict = msgspec.convert({name: told[name] for name in Verdict.__struct_fields__ if name in told}, Verdict)
    if code:
        verdict = msgspec.structs.replace(verdict, notes=(*verdict.notes, f"the program exited with {code}"))
    return verdict
