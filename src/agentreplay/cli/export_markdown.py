"""A session as Markdown, for a note, an issue or another agent."""

import re
from collections.abc import Iterator

from agentreplay.cli import human, output
from agentreplay.core.account import Account, Entry
from agentreplay.intake.providers import wire
from agentreplay.model.values import Value

__all__ = ["LONGEST", "facts_of", "heading_of", "markdown", "shown"]

LONGEST = 64 << 10
"""Of one text, so many letters are shown; the whole is in the store."""

_TICKS = re.compile(r"`+")
_HEADINGS = {"prompt": "Asked", "answer": "Said", "tool": "Tool", "note": "Noted"}


def markdown(account: Account) -> str:
    """The whole page."""
    return "\n".join(_lines(account)).rstrip() + "\n"


def facts_of(account: Account) -> list[str]:
    """What the session adds up to, in a few words each."""
    row = account.row
    session, summary = row.session, row.summary
    folder = session.program.cwd if session.program is not None else ""
    facts = [
        f"session {session.id}",
        session.agent or ", ".join(summary.agents),
        folder,
        human.time_of(row.started),
        human.duration(summary.duration),
        row.status,
        human.noun(summary.spans, "step"),
    ]
    if summary.usage.total:
        facts += [f"{human.count(summary.usage.total)} tokens", human.money(summary.cost)]
    facts += sorted(summary.models)
    if account.until is not None:
        facts.append(f"up to step {account.until}")
    return [output.clean(fact) for fact in facts if fact]


def heading_of(entry: Entry) -> str:
    """What an entry is, in a few words."""
    title = output.clean(entry.title)
    told = _HEADINGS[entry.kind] if entry.kind == "prompt" or not title else title
    state = {"error": ", failed"}.get(entry.status, ", not ended" if entry.end is None else "")
    return told + state


def shown(value: Value) -> str:
    """A value as text: as it is, or as JSON over lines; what is very long is cut, and says so."""
    text = value if isinstance(value, str) else "" if value is None else wire.to_json(value).decode("utf-8", "replace")
    if len(text) > LONGEST:
        return f"{text[:LONGEST]}\n… {len(text) - LONGEST:,} more letters"
    return text


def _lines(account: Account) -> Iterator[str]:
    session = account.row.session
    yield f"# {output.clean(session.name) or session.id}"
    yield ""
    yield ", ".join(facts_of(account))
    for entry in account.entries:
        yield ""
        yield f"## {entry.seq}. {heading_of(entry)}"
        yield from _body(entry)


def _body(entry: Entry) -> Iterator[str]:
    if entry.thought:
        yield ""
        yield from (f"> {line}".rstrip() for line in shown(entry.thought).splitlines())
    if entry.text:
        yield ""
        # What somebody wrote may hold headings of its own, which are none of this page.
        yield from _fenced(shown(entry.text)) if entry.kind == "tool" else [_without_headings(shown(entry.text))]
    for value in (entry.request, entry.answer):
        if text := shown(value):
            yield ""
            yield from _fenced(text)


def _fenced(text: str) -> list[str]:
    fence = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    return [fence, text.rstrip("\n"), fence]


def _without_headings(text: str) -> str:
    return re.sub(r"(?m)^(#{1,6}\s)", r"\\\1", text)
