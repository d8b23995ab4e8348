"""Asks an endpoint over HTTP, and once more where it failed for a passing reason."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agentreplay.errors import AgentReplayError

__all__ = ["Asking"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_TIMEOUT = 60.0
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_LARGEST = 256 << 20
_TOLD = 300


@dataclass(frozen=True)
class Asking:
    """Where something is asked, and what is raised where it fails."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    """With the key, which is told to nobody else."""
    refused: Callable[[str], AgentReplayError]
    """Makes an error of what the endpoint would say again,"""
    failing: Callable[[str], AgentReplayError]
    """and of what it said each time."""
    tries: int = 5
    sleep: Callable[[float], None] = time.sleep

    def answer(self, content: bytes) -> bytes:
        """What it answers to this JSON."""
        headers = {"content-type": "application/json", "user-agent": "agentreplay", **self.headers}
        request = urllib.request.Request(self.url, content, headers)  # noqa: S310  # the address is the user's own
        problem, wait = "", _FIRST_PAUSE
        for attempt in range(self.tries):
            if attempt:
                self.sleep(wait)
                wait = min(2 * wait, _LONGEST_PAUSE)
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310  # as above
                    found: bytes = response.read(_LARGEST)
                    return found
            except urllib.error.HTTPError as error:
                problem = f"{error.code} {_said(error)}"
                if error.code not in _PASSING:
                    raise self.refused(problem) from error
                wait = max(wait, _asked_to_wait(error))
            except (OSError, http.client.HTTPException) as error:
                problem = str(getattr(error, "reason", "") or str(error) or type(error).__name__)
        raise self.failing(f"{problem}, {self.tries} times")


def _said(error: urllib.error.HTTPError) -> str:
    try:
        return " ".join(error.read(_TOLD).decode(errors="replace").split()) or error.reason
    except (OSError, http.client.HTTPException):
        return error.reason


def _asked_to_wait(error: urllib.error.HTTPError) -> float:
    said = error.headers.get("retry-after", "")
    return min(float(said), _LONGEST_PAUSE) if said.isascii() and said.isdigit() else 0.0
