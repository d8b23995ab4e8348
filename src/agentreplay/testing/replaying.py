"""Replays a tape file in a test: the launched program runs again, and the test looks at the verdict."""

from collections.abc import Sequence
from pathlib import Path

from agentreplay.core.replay import Manner, replay
from agentreplay.core.transfer import load_tape
from agentreplay.playback.player import OnDivergence
from agentreplay.playback.verdict import Verdict

__all__ = ["replay_tape"]


def replay_tape(
    path: str | Path,
    command: Sequence[str] | None = None,
    *,
    cwd: str | Path | None = None,
    on_divergence: OnDivergence = "stop",
    allow: Sequence[str] = (),
) -> Verdict:
    """Run the program of a tape again, offline, and say whether it came out the same.

    The program is the recorded command in the recorded folder, unless another command or folder is given; `allow`
    names hosts it may connect to all the same. `verdict.exit_code` is 0 when it came out the same.
    """
    store, key = load_tape(Path(path))
    manner = Manner(
        on_divergence=on_divergence,
        allow=tuple(allow),
        command=tuple(command or ()),
        cwd="" if cwd is None else str(cwd),
        # It lies with the tests, and they are code that is run as well.
        is_trusted=True,
    )
    return replay(store, key, manner)
