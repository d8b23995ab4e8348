"""The report of `agentreplay check` as one page that needs nothing beside it."""

from collections.abc import Iterator, Sequence
from html import escape

from agentreplay.cli import human
from agentreplay.core.check import Checked, counts

__all__ = ["page"]

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>agentreplay check</title>
<style>
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a3f47); --dim: light-dark(#5b6470, #9aa4b0) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem; margin: 0 }
p { color: var(--dim); margin: .3rem 0 1.2rem }
table { border-collapse: collapse; width: 100% }
th { text-align: left; color: var(--dim); font-weight: 500 }
th, td { padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
code, pre { font: 13px/1.5 ui-monospace, monospace }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0 }
summary { cursor: pointer }
b { font-weight: 600; white-space: nowrap }
.identical { color: light-dark(#1a7f37, #57c46e) }
.drift { color: light-dark(#8a6100, #d9a520) }
.diverged, .hung, .unreplayable { color: light-dark(#b3261e, #ff7b72) }
</style>
</head>
<body>
"""


def page(checked: Sequence[Checked], project: str, now: int) -> str:
    """The page: what came out how often, and each session with its verdict, what needs a look first."""
    return _HEAD + "\n".join(_body(checked, project, now)) + "\n</body>\n</html>\n"


def _body(checked: Sequence[Checked], project: str, now: int) -> Iterator[str]:
    parts = [f'<b class="{status}">{count} {status}</b>' for status, count in counts(checked).items() if count]
    yield "<h1>Recorded sessions against today's code</h1>"
    yield f"<p>Project {escape(project)}, {escape(human.time_of(now))}: {', '.join(parts) or 'no sessions'}</p>"
    if not checked:
        return
    yield "<table>"
    yield "<thead><tr><th>Verdict</th><th>Session</th>"
    yield '<th class="number">Served</th><th class="number">Took</th></tr></thead>'
    yield "<tbody>"
    ranks = {"diverged": 0, "hung": 1, "unreplayable": 2, "drift": 3, "identical": 4}
    for item in sorted(checked, key=lambda item: ranks[item.status]):
        yield from _row(item)
    yield "</tbody>"
    yield "</table>"


def _row(item: Checked) -> Iterator[str]:
    at = f" at {item.diverged_at}" if item.diverged_at is not None else ""
    yield f'<tr><td><b class="{item.status}">{item.status}{at}</b></td>'
    yield f"<td>{escape(item.name)} <code>{escape(item.session)}</code>, {escape(human.time_of(item.started))}"
    if item.status != "identical":
        text = escape("\n".join(item.told))
        is_open = "" if item.status == "drift" else " open"
        yield f"<details{is_open}><summary>what happened</summary><pre>{text}</pre></details>"
    yield "</td>"
    yield f'<td class="number">{item.served:,} of {item.calls:,}</td>'
    yield f'<td class="number">{escape(human.duration(item.took))}</td></tr>'
