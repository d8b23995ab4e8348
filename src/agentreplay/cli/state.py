"""`agentreplay state`: what agents hold to be so, now and at any past moment."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import IO, Any, TypeVar

import click

from agentreplay.cli import human, output, state_page
from agentreplay.cli.command import Group, with_invocation
from agentreplay.cli.invocation import Invocation
from agentreplay.cli.ledger import NUMBER, as_of, place_of, writing
from agentreplay.cli.options import MOMENT, paged
from agentreplay.core import state as asking
from agentreplay.core.exact import read_exact, spell_exact
from agentreplay.core.plain import plain
from agentreplay.core.state_dump import dump as dump_states
from agentreplay.core.state_dump import load as load_states
from agentreplay.core.state_transaction import OpenTransaction, new_transaction_id
from agentreplay.errors import ValueInvalid
from agentreplay.model.fact import FactPosition, StateKey, Transaction, state_key
from agentreplay.model.page import Cursor, PageRequest
from agentreplay.model.time import Nanoseconds
from agentreplay.store.protocol import Store

__all__ = ["at", "compact", "delete", "diff", "dump", "get", "keys", "load", "log", "set_", "state", "tail"]

F = TypeVar("F", bound=Callable[..., Any])


@click.group(cls=Group)
def state() -> None:
    """Read, write and follow what agents hold to be so, now and at any past moment.

    The state of an agent is its facts: values under keys, each with all its versions. Values are JSON; what JSON has no
    sign for is spelled as in {"$bytes": "aGk="}.
    """


def _of_agent(command: F) -> F:
    """Add AGENT and --namespace."""
    command = click.option("--namespace", default="default", show_default=True, metavar="NAME", help="Where it lies.")(
        command
    )
    return click.argument("agent")(command)


@state.command()
@_of_agent
@click.argument("key")
@click.option("--version", type=NUMBER, metavar="NUMBER", help="In this version.")
@as_of
@with_invocation
def get(invocation: Invocation, /, *, agent: str, namespace: str, key: str, version: int | None, **place: Any) -> None:
    """Print what a KEY of an AGENT holds, or held."""
    with invocation.reading() as store:
        whose = _whose(invocation, namespace, agent)
        if version is not None:
            fact = asking.at_version(store.facts, whose, key, version)
        else:
            fact = asking.get(store.facts, whose, key, place_of(invocation, store, place))
    if invocation.wants_json:
        output.document(plain(asking.tell_fact(fact)))
    else:
        output.document(spell_exact(fact.value))
        output.note(f"version {fact.version}, committed {human.time_of(fact.committed)} at {fact.position}")


@state.command("set")
@_of_agent
@click.argument("key")
@click.argument("value")
@click.option("--text", is_flag=True, help="VALUE is the text itself, not JSON.")
@click.option("--expected", type=NUMBER, metavar="VERSION", help="Only if it has this version; 0 for none.")
@with_invocation
def set_(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation, /, *, agent: str, namespace: str, key: str, value: str, text: bool, expected: int | None
) -> None:
    """Give a KEY of an AGENT a VALUE: JSON, or - to read it from the standard input."""
    told = sys.stdin.read() if value == "-" else value
    parsed = told if text else _parsed(told)
    with writing(invocation) as store, _transaction(invocation, store) as transaction:
        transaction.write(namespace, agent, key, parsed, expected=expected)
        done = transaction.commit()
    _tell(invocation, done)


@state.command()
@_of_agent
@click.argument("key")
@click.option("--expected", type=NUMBER, metavar="VERSION", help="Only if it has this version.")
@with_invocation
def delete(invocation: Invocation, /, *, agent: str, namespace: str, key: str, expected: int | None) -> None:
    """Delete a KEY of an AGENT. What it held stays in its history."""
    with writing(invocation) as store:
        asking.get(store.facts, _whose(invocation, namespace, agent), key)
        with _transaction(invocation, store) as transaction:
            transaction.delete(namespace, agent, key, expected=expected)
            done = transaction.commit()
    _tell(invocation, done)


@state.command()
@_of_agent
@click.option("--prefix", default="", metavar="TEXT", help="Those that begin so.")
@paged(1000)
@with_invocation
def keys(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation, /, *, agent: str, namespace: str, prefix: str, limit: int, after: str | None
) -> None:
    """List the keys of an AGENT that hold something."""
    with invocation.reading() as store:
        request = PageRequest(limit=limit, after=None if after is None else Cursor(after))
        page = store.facts.keys(_whose(invocation, namespace, agent), prefix, request)
    if invocation.wants_json:
        output.items(page.items, page.next)
        return
    for key in page.items:
        output.data(output.clean(key))
    if page.next is not None:
        output.note(f"more: --after {page.next}")


@state.command()
@_of_agent
@click.option("--key", metavar="KEY", help="Only what was done to this key.")
@click.option("--behind", type=NUMBER, default=0, metavar="POSITION", help="Behind this position.")
@click.option("--up-to", type=NUMBER, metavar="POSITION", help="Up to this position.")
@click.option("--limit", type=click.IntRange(1), metavar="COUNT", help="How many transactions at most.")
@with_invocation
def log(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    agent: str,
    namespace: str,
    key: str | None,
    behind: int,
    up_to: int | None,
    limit: int | None,
) -> None:
    """Replay the transactions on the state of an AGENT, in their one order. With --json a line for each."""
    with invocation.reading() as store:
        end = None if up_to is None else FactPosition(up_to)
        entries = store.facts.read(_whose(invocation, namespace, agent), FactPosition(behind), end)
        _print_log(invocation, islice(entries, limit), key)


@state.command()
@_of_agent
@click.option("-n", "--lines", type=NUMBER, default=10, show_default=True, metavar="COUNT", help="How many.")
@click.option("-f", "--follow", is_flag=True, help="Go on with those that come, until interrupted.")
@with_invocation
def tail(invocation: Invocation, /, *, agent: str, namespace: str, lines: int, follow: bool) -> None:
    """Show the last transactions on the state of an AGENT."""
    with invocation.reading() as store:
        whose = _whose(invocation, namespace, agent)
        start = store.facts.position()
        found = asking.latest(store.facts, whose, lines) if lines else ()
        _print_log(invocation, iter(found), None)
        if follow:
            seen = max(start, found[-1].position) if found else start
            for entry in asking.watch(store.facts, whose, seen):
                _print_log(invocation, iter((entry,)), None, has_heading=False)
                sys.stdout.flush()


@state.command()
@_of_agent
@as_of
@with_invocation
def at(invocation: Invocation, /, *, agent: str, namespace: str, **place: Any) -> None:
    """Print the whole state of an AGENT as it was; as it is without an option."""
    with invocation.reading() as store:
        position = place_of(invocation, store, place)
        position = store.facts.position() if position is None else position
        whole = store.facts.whole(_whose(invocation, namespace, agent), position)
    if invocation.wants_json:
        facts = [plain(asking.tell_fact(fact)) for fact in whole.values()]
        output.document({"position": str(position), "facts": facts})
        return
    output.document({key: spell_exact(fact.value) for key, fact in whole.items()})
    output.note(f"{human.noun(len(whole), 'fact')} at position {position}")


@state.command()
@_of_agent
@click.argument("before", type=NUMBER)
@click.argument("after", type=NUMBER, required=False)
@with_invocation
def diff(invocation: Invocation, /, *, agent: str, namespace: str, before: int, after: int | None) -> None:
    """Show which keys of an AGENT hold something else at the position AFTER, or now, than at BEFORE."""
    with invocation.reading() as store:
        whose = _whose(invocation, namespace, agent)
        end = None if after is None else FactPosition(after)
        found = asking.diff(store.facts.whole(whose, FactPosition(before)), store.facts.whole(whose, end))
    if invocation.wants_json:
        output.items([plain(asking.tell_difference(one)) for one in found])
        return
    for line in state_page.differences(found):
        output.data(line)


@state.command()
@click.argument("agent", required=False)
@click.option("--namespace", default="default", show_default=True, metavar="NAME", help="Where AGENT lies.")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.File("w", encoding="utf-8"),
    default="-",
    metavar="FILE",
    help="Where to; the standard output by default.",
)
@click.option("--position", type=NUMBER, metavar="NUMBER", help="As it was at this position of the log.")
@with_invocation
def dump(
    invocation: Invocation, /, *, agent: str | None, namespace: str, target: IO[str], position: int | None
) -> None:
    """Write the state of an AGENT, or of all agents of the project, as lines of JSON that `load` takes."""
    with invocation.reading() as store:
        if agent is not None:
            states: Sequence[StateKey] = (_whose(invocation, namespace, agent),)
        else:
            states = store.facts.states(invocation.tenant, invocation.project)
        place = None if position is None else FactPosition(position)
        for line in dump_states(store.facts, states, place):
            target.write(line + "\n")


@state.command()
@click.argument("source", type=click.File("r", encoding="utf-8"), metavar="FILE")
@with_invocation
def load(invocation: Invocation, /, *, source: IO[str]) -> None:
    """Write all facts of a dump in one transaction, each to the agent and namespace that it names."""
    with writing(invocation) as store:
        done = load_states(_transaction(invocation, store), source)
    output.note(f"{human.noun(len(done.operations), 'fact')} loaded at position {done.position}")


@state.command()
@click.argument("agent", required=False)
@click.option("--namespace", default="default", show_default=True, metavar="NAME", help="Where AGENT lies.")
@click.option("--before", type=MOMENT, metavar="TIME", help="Give up the states before this time.")
@click.option("--before-position", type=NUMBER, metavar="NUMBER", help="Or before this position.")
@click.option("--keep", type=NUMBER, multiple=True, metavar="NUMBER", help="Except for this one; may be given again.")
@with_invocation
def compact(  # noqa: PLR0913  # each option comes by its name
    invocation: Invocation,
    /,
    *,
    agent: str | None,
    namespace: str,
    before: int | None,
    before_position: int | None,
    keep: Sequence[int],
) -> None:
    """Give up past states of an AGENT, or of all agents of the project; what is kept stays exactly as it is."""
    if (before is None) == (before_position is None):
        raise ValueInvalid(what="the place", problem="give either --before or --before-position")
    with writing(invocation) as store:
        facts = store.facts
        if agent is not None:
            states: Sequence[StateKey] = (_whose(invocation, namespace, agent),)
        else:
            states = facts.states(invocation.tenant, invocation.project)
        place = FactPosition(before_position or 0) if before is None else facts.position(Nanoseconds(before))
        done = asking.compact(facts, states, place, [FactPosition(one) for one in keep])
    removed = sum(one.operations for one in done.values())
    if invocation.wants_json:
        output.document({"operations": removed, "states": len(done)})
    else:
        output.note(f"{human.noun(removed, 'operation')} left out of {human.noun(len(done), 'state')}")


def _transaction(invocation: Invocation, store: Store) -> OpenTransaction:
    id_ = new_transaction_id(Nanoseconds(invocation.now()), os.urandom(10))
    return OpenTransaction(store.facts, invocation.tenant, invocation.project, transaction=id_)


def _whose(invocation: Invocation, namespace: str, agent: str) -> StateKey:
    return state_key(invocation.tenant, invocation.project, namespace, agent)


def _parsed(text: str) -> Any:
    try:
        return read_exact(json.loads(text))
    except ValueError as error:
        raise click.BadParameter(f"{text[:40]!r} is no JSON; quote it, or give --text.") from error


def _tell(invocation: Invocation, done: Transaction) -> None:
    if invocation.wants_json:
        output.document(plain(asking.tell_transaction(done)))
        return
    for one in done.operations:
        what = "deleted" if one.is_deleted else "written"
        output.note(f"{one.key} {what} as version {one.version} at position {done.position}")


def _print_log(
    invocation: Invocation, entries: Iterator[Transaction], key: str | None, *, has_heading: bool = True
) -> None:
    if invocation.wants_json:
        for entry in entries:
            if key is None or any(done.key == key for done in entry.operations):
                output.data(json.dumps(plain(asking.tell_transaction(entry)), ensure_ascii=False))
        return
    for line in state_page.transactions(entries, key, has_heading=has_heading):
        output.data(line)
