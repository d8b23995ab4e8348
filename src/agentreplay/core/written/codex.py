"""A session of Codex as Codex writes it: the lines of its rollout as they were, whole or up to a step."""

import json
from collections.abc import Sequence
from uuid import UUID, uuid5

from agentreplay.core.account import Account
from agentreplay.core.written.lines import KeptLine
from agentreplay.errors import FormUnfit
from agentreplay.intake.providers import wire

__all__ = ["SOURCE", "write"]

SOURCE = "codex"
"""What sessions that were read from rollouts name as their source."""

_SPACE = UUID("6f2b2f0e-53a1-5f39-9d0a-3d5d6a1f7c12")


def write(account: Account, lines: Sequence[KeptLine]) -> dict[str, bytes]:
    """The rollout. Raises FormUnfit for a session that was not read from one: only Codex knows what it wants there.

    One that is cut is another session, with an id that follows from the first.
    """
    session = account.row.session
    if session.source != SOURCE or not lines:
        raise FormUnfit(session=session.id, form="codex", problem="it was not read from a file of Codex")
    if account.until is None:
        return {"": b"".join(line.data.rstrip(b"\n") + b"\n" for line in lines)}
    own = str(uuid5(_SPACE, f"{session.id} {account.until}"))
    return {"": b"".join(_renamed(line, session.id, own) for line in lines)}


def _renamed(line: KeptLine, session: str, own: str) -> bytes:
    payload = wire.mapping(line.told.get("payload"))
    if line.told.get("type") != "session_meta" or payload.get("id") != session:
        return line.data.rstrip(b"\n") + b"\n"
    told = {**line.told, "payload": {**payload, "id": own, "forked_from_id": session}}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
