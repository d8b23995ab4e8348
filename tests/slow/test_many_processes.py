"""Many processes use one store at once, and some of them are killed: nobody gets an error, and nothing is missing."""

import time
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import pytest

from agentreplay.store.journal.reader import journals_in
from agentreplay.store.sqlite.store import SqliteStore
from tests.doomed import context, killed
from tests.evidence import Story, assert_holds
from tests.slow.crowd import Report, Role, drain, read, record, write
from tests.store.observation import all_changes


class Member(NamedTuple):
    """A process, what it does, and where its report comes from."""

    role: Role
    seed: int
    process: ForkServerProcess
    pipe: Connection

    def report(self) -> Report:
        return msgspec.msgpack.decode(self.pipe.recv_bytes(), type=Report)


def started(role: Role, folder: Path, seed: int, over: Path) -> Member:
    here, there = context().Pipe(duplex=False)
    process = context().Process(target=role, args=(there, folder, seed, over))
    process.start()
    there.close()
    return Member(role, seed, process, here)


def let_them(folder: Path, roles: list[Role], over: Path, deaths: int) -> list[tuple[Member, Report]]:
    """Run these roles until whoever drains was killed so many times; returns what the others report."""
    random = Random(7)
    members = [started(role, folder, seed, over) for seed, role in enumerate(roles, 1)]
    indexers = [member for member in members if member.role is drain]
    try:
        for number in range(1, deaths + 1):
            time.sleep(random.uniform(0, 0.3))
            victim = indexers.pop(random.randrange(len(indexers)))
            assert killed(victim.process) == -9, victim.report().problem
            indexers.append(started(drain, folder, number, over))
    finally:
        over.touch()
    others = [member for member in members if member.role is not drain] + indexers
    reports = [(member, member.report()) for member in others]
    for member in others:
        member.process.join()
    return reports


def check_a_crowd(base: Path, roles: list[Role], deaths: int) -> None:
    folder = base / "store"

    reports = let_them(folder, roles, base / "over", deaths)

    assert {report.problem for _, report in reports} == {""}
    assert all(report.batches or report.rounds for _, report in reports)
    told = [(Story(member.seed), range(report.batches), report.batches) for member, report in reports if report.batches]
    with closing(SqliteStore(folder)) as store:
        lag = store.drain()

        assert (lag.bytes, lag.damaged) == (0, ())
        assert journals_in(folder) == []
        assert_holds(store, told)
        everything = {
            span.span_id for story, _, count in told for batch in story.batches(count) for span in batch.spans
        }
        for report in [report for member, report in reports if member.role is read]:
            later = {change.span.span_id for change in all_changes(store, report.position, 500) if change.span}
            assert report.seen | later == everything, "the change feed skipped something"


def test_a_few_processes_share_a_store(tmp_path: Path) -> None:
    check_a_crowd(tmp_path, [write, record, read, drain], 4)


@pytest.mark.slow
def test_many_processes_share_a_store(tmp_path: Path) -> None:
    check_a_crowd(tmp_path, [write, record, write, record, read, read, drain, drain], 40)
