"""Starts the recording of a launched program before its first line runs.

Python imports this module at its start because its folder comes first on PYTHONPATH. Another sitecustomize,
which this one hides, is run behind it.
"""

import importlib.machinery
import importlib.util
import os
import sys

__all__: list[str] = []

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  # pathlib would be imported into the program


def _start() -> None:
    if not os.environ.get("AGENTREPLAY_RUN"):
        return
    try:
        from agentreplay.sdk.launched import start  # start-up
    except Exception as error:  # noqa: BLE001  # mostly the Python of the program is not ours; the launcher tells
        folder = os.environ.get("AGENTREPLAY_REPORTS", "")
        if folder:
            with open(os.path.join(folder, f"{os.getpid()}.missing"), "w", encoding="utf-8") as file:  # noqa: PTH118, PTH123  # as above
                file.write(f"{sys.executable}: {error}")
        return
    start()


def _run_the_other() -> None:
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != _HERE]  # noqa: PTH100  # as above
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_start()
_run_the_other()
