"""`agentreplay export`: write a session to a file: a tape, or a page for people."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from agentreplay.cli import output
from agentreplay.cli.command import Command, with_invocation
from agentreplay.cli.export_html import page
from agentreplay.cli.export_markdown import markdown
from agentreplay.cli.invocation import Invocation
from agentreplay.core.account import Account, account
from agentreplay.core.policy import redactor_of
from agentreplay.core.redact_tape import redacted_copy
from agentreplay.core.sessions import resolve
from agentreplay.core.transfer import export_tape
from agentreplay.core.written import atif, claude_code, codex
from agentreplay.core.written.lines import lines_of
from agentreplay.errors import FileUnwritable
from agentreplay.model.session import SessionRow
from agentreplay.settings import ContentPolicy, Settings
from agentreplay.store.protocol import Store

__all__ = ["export"]

_TAPE = "tape"
_FILES = {"claude-code": claude_code.write, "codex": codex.write, "atif": atif.write}
"""Forms that other tools read; some are several files."""
_PAGES: dict[str, Callable[[Account], str]] = {"markdown": markdown, "html": page}
_FORMS = click.Choice((_TAPE, *_PAGES, *_FILES))


@click.command(cls=Command)
@click.argument("session")
@click.option("-o", "--output", "target", required=True, metavar="FILE", help="The file to write.")
@click.option("--as", "form", type=_FORMS, default=_TAPE, show_default=True, help="What it is written as.")
@click.option("--redact", is_flag=True, help="Without the secrets in it; it still replays. Only tapes may have any.")
@click.option("--structure", is_flag=True, help="Without any text: roles, names and numbers only.")
@click.option("--until", type=click.IntRange(1), metavar="STEP", help="Up to this step; not of a tape.")
@with_invocation
def export(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation, /, *, session: str, target: str, form: str, redact: bool, structure: bool, until: int | None
) -> None:
    """Write a session to one portable file: a tape, a page, or what other tools write.

    A tape has all of it, with what it was forked from, and can be imported and replayed: the same session gives the
    same bytes. With --redact, what was recorded with secrets in it, or before there was a rule for them, is written
    as if it had been recorded without. With --structure it can be replayed only as far as the program does nothing
    with what it is told.

    Markdown and HTML are pages for people, without secrets. The HTML has a small player in it and asks nobody for
    anything.

    As claude-code, codex and atif it is what those tools write: what was read from a file of theirs is written as it
    was, and what is cut with --until gets an id of its own.
    """
    if until is not None and form == _TAPE:
        raise click.UsageError("a tape is whole; --until is for the other forms")
    settings = invocation.settings
    policy: ContentPolicy | None = "structure" if structure else "redacted" if redact else None
    path = Path(target).expanduser()
    with invocation.reading() as store:
        row = resolve(store.sessions, invocation.tenant, invocation.project, session)
        if form == _TAPE:
            size = _write_tape(store, row, path, policy, settings)
        else:
            redactor = redactor_of(settings, row.session.id.encode(), policy or "redacted")
            told = account(store, row.session.key, redactor, until)
            if form in _PAGES:
                files = {"": _PAGES[form](told).encode("utf-8", "replace")}
            else:
                kept = [] if structure else lines_of(store, row.session.key, redactor, until)
                files = _FILES[form](told, kept)
            size = _write_files(files, path)
    if invocation.wants_json:
        output.document({"session": row.session.id, "file": str(path), "bytes": size, "status": row.status})
        return
    if form == "claude-code":
        own = claude_code.resumable_id(row.session, until)
        output.hint(f"as {own}.jsonl in the folder of its project `claude --resume {own}` goes on with it")
    if form == "codex":
        own, name = codex.resumable_id(row.session, until), codex.file_name(row.session, until)
        output.hint(f"as {name} in a folder below ~/.codex/sessions `codex resume {own}` goes on with it")
    unfinished = "" if row.status in {"completed", "failed"} else f" ({row.status}, so it is not whole)"
    output.note(f"wrote {path}, {size} bytes{unfinished}")


def _write_tape(store: Store, row: SessionRow, path: Path, policy: ContentPolicy | None, settings: Settings) -> int:
    source = store
    if policy is not None:
        source = redacted_copy(store, row.session.key, policy, lambda salt, kept: redactor_of(settings, salt, kept))
    return export_tape(source, row.session.key, path)


def _write_files(files: Mapping[str, bytes], path: Path) -> int:
    """The file itself, and those that belong to it in a folder of its name."""
    for name, data in files.items():
        place = path if not name else path.with_suffix("") / name
        try:
            if name:
                place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        except OSError as error:
            raise FileUnwritable(path=str(place), problem=error.strerror or str(error)) from error
    return sum(map(len, files.values()))
