"""A brief of a session, for whoever goes on with it: what was asked, what was done, which files, what is open.

It follows from the recording alone, so the same session gives the same text, and it keeps to a budget: texts are cut,
and what is in the middle is left out, until it fits.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from agentreplay.cli import human, output
from agentreplay.core.account import Account, Entry
from agentreplay.core.memory_block import Recalled
from agentreplay.core.subjects import subject_of
from agentreplay.intake.providers import wire
from agentreplay.model.values import Value

__all__ = ["LETTERS_PER_TOKEN", "brief"]

LETTERS_PER_TOKEN = 4
"""What is usual of English and of code. The text is measured by it, because every model counts in its own way."""

_STEPS = ((40, 1500), (24, 800), (16, 500), (12, 300), (8, 200), (6, 120), (4, 80), (2, 60), (1, 40))
"""How many lines a section has at most, and how many letters a text: tried one after the other."""
_MIDDLE = "…"


def brief(account: Account, tokens: int, remembered: Sequence[Recalled] = ()) -> str:
    """The brief, in so many tokens at most, as far as they are counted in letters; at its end what is remembered."""
    room = tokens * LETTERS_PER_TOKEN
    text = ""
    for lines, letters in _STEPS:
        text = "\n".join(_lines(account, remembered, lines, letters)) + "\n"
        if len(text) <= room:
            return text
    return text[: max(0, room - 2)].rstrip() + f"{_MIDDLE}\n"


def _lines(account: Account, remembered: Sequence[Recalled], most: int, letters: int) -> Iterator[str]:
    yield from _heading(account)
    entries = account.entries
    sections = {
        "Asked": [f"- {_cut(entry.text, letters)}" for entry in entries if entry.kind == "prompt"],
        "Done": list(_done(entries, letters)),
        "Files": list(_files(entries)),
        "Went wrong": [_failure(entry, letters) for entry in entries if entry.status == "error"],
        "Open": [f"- step {entry.seq}: {entry.title} did not end" for entry in entries if entry.end is None],
        "Said last": _said(entries, letters),
        "Remembered": [f"- {_cut(one.text, letters)} ({output.clean(one.source)})" for one in remembered],
    }
    for title, lines in sections.items():
        if lines:
            yield ""
            yield f"## {title}"
            yield from _thinned(lines, most)


def _heading(account: Account) -> Iterator[str]:
    row = account.row
    session, summary = row.session, row.summary
    yield f"# {output.clean(session.name) or session.id}"
    agent = session.agent or ", ".join(summary.agents) or session.source
    folder = session.program.cwd if session.program is not None else ""
    yield ", ".join(part for part in (f"session {session.id}", agent, folder and f"in {folder}") if part)
    began = human.time_of(row.started)
    parts = [f"{began}, {human.duration(summary.duration)}", row.status, human.noun(summary.spans, "step")]
    if summary.usage.total:
        parts += [f"{human.count(summary.usage.total)} tokens", human.money(summary.cost)]
    yield ", ".join([*parts, *sorted(summary.models)])
    if account.until is not None:
        yield f"Told up to step {account.until}."


def _done(entries: Sequence[Entry], letters: int) -> Iterator[str]:
    """Each tool once, with what it was used for, the most used first."""
    tools = [entry for entry in entries if entry.kind == "tool"]
    failed = Counter(entry.title for entry in tools if entry.status == "error")
    for title, number in sorted(Counter(entry.title for entry in tools).items(), key=lambda item: (-item[1], item[0])):
        subjects = dict.fromkeys(
            subject for entry in tools if entry.title == title and (subject := subject_of(entry.request))
        )
        told = ", ".join(_thinned([_cut(subject, letters // 4) for subject in subjects], 6))
        times = human.count(number) + (f", {failed[title]} failed" if failed[title] else "")
        yield f"- {output.clean(title)} ({times}){f': {told}' if told else ''}"


def _files(entries: Sequence[Entry]) -> Iterator[str]:
    """Those that were written come before those that were only looked at."""
    written = Counter(path for entry in entries if entry.writes and entry.status != "error" for path in entry.files)
    seen = dict.fromkeys(path for entry in entries if not entry.writes for path in entry.files if path not in written)
    for path, times in written.items():
        yield f"- {output.clean(path)}: written" + (f" {times} times" if times > 1 else "")
    yield from (f"- {output.clean(path)}: read" for path in seen)


def _failure(entry: Entry, letters: int) -> str:
    why = _cut(entry.text or _plain(entry.answer), letters)
    return f"- step {entry.seq}: {output.clean(entry.title)}{f': {why}' if why else ''}"


def _said(entries: Sequence[Entry], letters: int) -> list[str]:
    """The last answer with words in it; where only hooks told, there is none."""
    said = next((entry.text for entry in reversed(entries) if entry.kind == "answer" and entry.text), "")
    return [_cut(said, 2 * letters)] if said else []


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else "" if value is None else wire.to_json(value).decode("utf-8", "replace")


def _cut(text: str, letters: int) -> str:
    """On one line, with the middle left out where it is long: an error says most at its end."""
    line = " ".join(output.clean(text).split())
    if len(line) <= letters:
        return line
    tail = letters // 3
    return f"{line[: letters - tail - 3].rstrip()} {_MIDDLE} {line[-tail:].lstrip()}"


def _thinned(lines: Sequence[str], most: int) -> list[str]:
    """So many of the lines, the first and the last of them."""
    if len(lines) <= most:
        return list(lines)
    head = (most + 1) // 2
    tail = most - head
    left = len(lines) - head - tail
    return [*lines[:head], f"{_MIDDLE} {left} more {_MIDDLE}", *(lines[-tail:] if tail else ())]
