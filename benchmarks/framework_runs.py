"""`python -m benchmarks.framework_runs bare|recorded PROGRAM FOLDER`: runs a program whenever a line comes in.

Runs where the framework is installed. For each line it prints as JSON what the run took: the processor time of all
threads, and the time on the wall. What the program itself prints goes nowhere.
"""

import gc
import json
import os
import runpy
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

__all__ = ["main"]


def main(side: str, program: str, folder: Path) -> None:
    """Run and tell until no line comes any more."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as told, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        if side == "recorded":
            import agentreplay  # the other side has nothing of it

            agentreplay.init(db_path=folder)
        for _ in sys.stdin:
            json.dump(_run(side, program), told)
            told.write("\n")
            told.flush()


def _run(side: str, program: str) -> dict[str, float]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    with _recording(program) if side == "recorded" else nullcontext():
        runpy.run_path(program, run_name="__main__")
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def _recording(program: str) -> AbstractContextManager[object]:
    import agentreplay  # as above

    session: AbstractContextManager[object] = agentreplay.session(Path(program).stem)
    return session


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
