"""Takes a snapshot of an agent, and goes on from it in a process that never saw the agent.

Prints:
    here it counts 1, 2, 3
    elsewhere it counts 4, 5
    one bit is another: The snapshot … is damaged: …
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import agentreplay
from agentreplay.errors import SnapshotDamaged

Agent = dict[str, list[int]]


def go_on(agent: Agent, times: int) -> str:
    """Count, and remember it."""
    counted = [len(agent["counted"]) + 1 + number for number in range(times)]
    agent["counted"] += counted
    return ", ".join(map(str, counted))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print("elsewhere it counts", go_on(agentreplay.restore(sys.argv[1]), 2))
        sys.exit()
    with TemporaryDirectory() as folder:
        agent: Agent = {"counted": []}
        print("here it counts", go_on(agent, 3), flush=True)
        file = Path(folder, "counter.snapshot")
        agentreplay.snapshot(agent, str(file), agent_id="counter")
        subprocess.run([sys.executable, __file__, str(file)], check=True)
        changed = bytearray(file.read_bytes())
        changed[-1] ^= 1
        file.write_bytes(changed)
        try:
            agentreplay.restore(str(file))
        except SnapshotDamaged as error:
            print("one bit is another:", error)
