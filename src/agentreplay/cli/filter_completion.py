"""Completes a filter in the shell: fields first, then what the store knows of their values."""

import os
import shlex
from collections.abc import Callable, Sequence

import click
from click.shell_completion import CompletionItem

from agentreplay.cli.invocation import Invocation
from agentreplay.core.filter_completion import Completion, complete, known_values
from agentreplay.core.filter_fields import Subject
from agentreplay.errors import AgentReplayError

__all__ = ["VARIABLE", "filter_words"]

VARIABLE = "_AGENTREPLAY_COMPLETE"
"""The variable by which a shell says which one it is, and that it wants suggestions."""

_BREAKS = frozenset({":", "=", "!="})

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def filter_words(subject: Subject) -> Completer:
    """What click asks for suggestions where the words of a filter stand."""

    def suggest(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before: Sequence[str] = ctx.params.get(param.name or "") or ()
        is_bash = os.environ.get(VARIABLE, "").startswith("bash")
        broken = _broken_off(before, incomplete) if is_bash else ""
        typed = broken + ("" if incomplete in _BREAKS else incomplete)
        found = _complete(ctx.ensure_object(Invocation), subject, typed)
        items: list[CompletionItem] = []
        for one in found.items:
            whole = typed[: found.start] + one.text
            items.append(CompletionItem(shlex.quote(whole[len(broken) :]) if is_bash else whole, help=one.meaning))
        return items

    return suggest


def _broken_off(before: Sequence[str], incomplete: str) -> str:
    """What of a word bash counts as words before: it breaks them at colons, and replaces what stands behind."""
    words = [*before, incomplete] if incomplete in _BREAKS else list(before)
    broken = ""
    while len(words) > 1 and words[-1] in _BREAKS:
        broken = words[-2] + words[-1] + broken
        del words[-2:]
    return broken


def _complete(invocation: Invocation, subject: Subject, typed: str) -> Completion:
    """Nothing is indexed for it, and nothing said: whoever types does not wait, and what goes wrong is told later."""
    try:
        store = invocation.opener(invocation.settings)
        if store is None:
            return complete(typed, subject, lambda _: ())
        try:
            return complete(typed, subject, known_values(store, invocation.tenant, invocation.project, invocation.now))
        finally:
            store.close()
    except AgentReplayError:
        return complete(typed, subject, lambda _: ())
