"""Secrets taken out of what a program was given and what it put out, and the comparison with what a replay puts out.

The streams are redacted when the program has ended, as a whole, so that no secret is cut by the pieces they came in.
What the program itself reads and writes is never touched.
"""

import re
from collections.abc import Sequence

from agentreplay.core.redact import PLACEHOLDER, Redactor

__all__ = ["as_recorded", "clean_arguments", "clean_output"]

_TEXT = "text/plain"
_CUT_BACK = 4096
_LONGEST_SECRET = 8192
_face = re.compile(PLACEHOLDER.encode())


def clean_arguments(redactor: Redactor, arguments: Sequence[str]) -> tuple[str, ...]:
    """A command line without secrets; an option's name tells what the word behind it is."""
    clean: list[str] = []
    option = ""
    for argument in arguments:
        clean.append(redactor.word(argument, option))
        option = argument.lstrip("-") if argument.startswith("-") and "=" not in argument else ""
    return tuple(clean)


def clean_output(redactor: Redactor, data: bytes, *, is_cut: bool = False) -> bytes:
    """What went through a stream, without secrets. Where only its beginning is there, its last word is left out, which
    may be half a secret.
    """
    if is_cut and redactor.policy != "full":
        end = max(data.rfind(b"\n"), data.rfind(b" ")) + 1
        data = data[: max(end, len(data) - _CUT_BACK)]
    return redactor.data(data, _TEXT)


def as_recorded(
    redactor: Redactor, recorded: bytes | None, came: bytes | None, *, is_cut: bool = False
) -> bytes | None:
    """What a replay put out, without secrets; what was recorded, if that is the same.

    A program that is served a placeholder puts that out, where it once put out the secret. What stands around it there
    may hide the secret under another rule, or not at all; the digits of the placeholder tell that it is the same.
    """
    if came is None or recorded is None:
        return came
    clean = clean_output(redactor, came, is_cut=is_cut)
    return recorded if clean == recorded or _is_same(redactor, recorded, clean) else clean


def _is_same(redactor: Redactor, recorded: bytes, came: bytes) -> bool:
    place = reached = 0
    for face in _face.finditer(came):
        plain = came[reached : face.start()]
        if not recorded.startswith(plain, place):
            return False
        reached = face.end()
        following = _face.search(came, reached)
        behind = came[reached : following.start() if following else len(came)]
        end = _end_of_secret(redactor, recorded, place + len(plain), face["digits"], behind)
        if end is None:
            return False
        place = end
    return reached > 0 and recorded[place:] == came[reached:]


def _end_of_secret(redactor: Redactor, recorded: bytes, begin: int, digits: bytes, behind: bytes) -> int | None:
    """Where the secret with these digits ends that begins here, hidden or not, before what must stand behind it."""
    hidden = _face.match(recorded, begin)
    if hidden is not None:
        return hidden.end() if hidden["digits"] == digits else None
    most = min(len(recorded), begin + _LONGEST_SECRET)
    end = recorded.find(behind, begin, most + len(behind)) if behind else most
    while begin < end <= most:
        if redactor.digits(recorded[begin:end]).encode() == digits:
            return end
        end = recorded.find(behind, end + 1, most + len(behind)) if behind else -1
    return None
