"""The environment of a program: what is kept of it, and how it is given back on replay.

Values may be secrets, so only names are kept, and the values of variables that were declared. A variable that
holds a secret by its name and is not there on replay gets a stand-in, because a served call needs no key.
"""

import os
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from agentreplay.core.redact import Redactor

__all__ = ["ADDRESSES", "DECLARED", "Environment", "keep", "restored"]

ADDRESSES = ("*_BASE_URL", "*_API_BASE", "*_ENDPOINT")
"""Variables that decide who is asked."""
DECLARED = (*ADDRESSES, "*_MODEL", "TZ", "LANG", "LC_*")
"""Whose values are kept although nobody says so: they decide what is asked, and of whom."""

_STAND_IN = "kept-by-nobody"
_SECRET = re.compile("KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL")

Environment = Mapping[str, str | None]
"""The variables that were there; None where the value was not kept."""


def keep(
    redactor: Redactor, environment: Mapping[str, str] = os.environ, declared: Iterable[str] = ()
) -> dict[str, str | None]:
    """What is kept of an environment."""
    patterns = [*DECLARED, *declared]
    return {
        name: redactor.url(redactor.word(value)) if any(fnmatchcase(name, pattern) for pattern in patterns) else None
        for name, value in sorted(environment.items())
        if not name.startswith("AGENTREPLAY_")
    }


def restored(kept: Environment, *, prefers_today: bool) -> dict[str, str]:
    """What a program that is run again finds: what was kept, and stand-ins for secrets that are not there.

    A replay takes what was kept, a fork that goes live what there is today.
    """
    found: dict[str, str] = {}
    for name, value in kept.items():
        if value is not None and not (prefers_today and name in os.environ):
            found[name] = value
        elif value is None and name not in os.environ and _SECRET.search(name):
            found[name] = _STAND_IN
    return found
