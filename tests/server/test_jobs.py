"""Jobs run in processes of their own, within bounds, and end with the server."""

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentreplay.errors import JobMissing, JobsForbidden, JobsTooMany
from agentreplay.model.session import SessionKey
from agentreplay.server.jobs import Job, Jobs
from agentreplay.server.options import Options
from tests.running import Runs
from tests.server.running import Running, running, waited_for

pytestmark = pytest.mark.slow

SLOW = """
    import os, sys, time, pathlib
    import agentreplay

    @agentreplay.tool
    def step(number):
        return number

    step(1)
    if os.environ.get("AGENTREPLAY_RUN", "").find('"tape"') > 0:
        pathlib.Path("pids").write_text(f"{os.getpid()} {os.getppid()}")
        time.sleep(60)
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("jobs"))


@pytest.fixture(scope="module")
def recorded(runs: Runs) -> SessionKey:
    key = runs.record().key
    with runs.store():
        return key  # what was recorded is indexed now


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> tuple[Runs, SessionKey]:
    runs = Runs(tmp_path_factory.mktemp("slow"))
    key = runs.record(SLOW).key
    with runs.store():
        return runs, key


@pytest.fixture(scope="module")
def server(runs: Runs, recorded: SessionKey) -> Iterator[Running]:
    with running(runs.settings.db_path) as started:
        yield started


def start(server: Running, what: str, key: SessionKey, **wish: Any) -> Any:
    path = f"/api/v1/sessions/{key.session}/{what}"
    return server.ask(path, json.dumps(wish).encode(), "POST", content_type="application/json")


def outcome(server: Running, job: str) -> Any:
    def is_over() -> bool:
        return server.ask(f"/api/v1/jobs/{job}").json["status"] not in {"waiting", "running"}

    assert waited_for(is_over, 60)
    return server.ask(f"/api/v1/jobs/{job}").json


def test_a_session_is_replayed_and_the_verdict_told(server: Running, recorded: SessionKey) -> None:
    begun = start(server, "replay", recorded)
    assert (begun.status, begun.json["kind"], begun.json["session"]) == (200, "replay", recorded.session)

    job = outcome(server, begun.json["id"])

    assert (job["status"], job["exit_code"]) == ("completed", 0), job["said"]
    assert job["result"]["status"] == "identical"
    assert job["progress"] == {"done": 2, "of": 2}
    assert job["id"] in {item["id"] for item in server.ask("/api/v1/jobs").json["items"]}


def test_a_fork_takes_patches_and_makes_a_session(server: Running, recorded: SessionKey, runs: Runs) -> None:
    step = next(call.seq for call in runs.tape(recorded).calls)

    job = outcome(server, start(server, "fork", recorded, at=step, patches={"result.ships": "Monday"}).json["id"])

    assert job["status"] == "completed", job["said"]
    forked = server.ask(f"/api/v1/sessions/{job['result']['session']}").json
    assert forked["origin"] == {"session": recorded.session, "seq": step}
    assert "Monday" in str(runs.tape(recorded._replace(session=forked["id"])).outputs.stdout)


def check(server: Running, **wish: Any) -> Any:
    body = json.dumps(wish).encode()
    return server.ask("/api/v1/check", body, "POST", content_type="application/json")


def test_a_check_tells_of_each_session_how_it_came_out(server: Running, recorded: SessionKey) -> None:
    begun = check(server, at_once=2, since="1d")
    assert (begun.status, begun.json["kind"], begun.json["session"]) == (200, "check", None)

    job = outcome(server, begun.json["id"])

    assert job["status"] == "completed", job["said"]
    result = job["result"]
    found = {item["session"]: item["status"] for item in result["items"]}
    assert found[recorded.session] == "identical"
    assert sum(result["counts"].values()) == len(found)
    assert job["progress"] == {"done": len(found), "of": len(found)}
    assert job["exit_code"] == result["exit_code"]


def test_a_check_of_nothing_is_done_at_once(server: Running) -> None:
    job = outcome(server, check(server, labels={"team": "nobody"}).json["id"])

    assert (job["status"], job["result"]["items"], job["exit_code"]) == ("completed", [], 0)


def test_the_live_feed_tells_of_jobs(server: Running, recorded: SessionKey) -> None:
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=20)
    connection.request("GET", f"/api/v1/live?session_id={recorded.session}")
    answer = connection.getresponse()
    answer.readline()
    job = start(server, "replay", recorded).json["id"]

    told: list[Any] = []
    name = ""
    while not told or told[-1]["status"] not in {"completed", "failed"}:
        line = answer.readline().decode()
        name = line.removeprefix("event: ").strip() if line.startswith("event: ") else name
        if line.startswith("data: ") and name == "job":
            told.append(json.loads(line.removeprefix("data: ")))
    connection.close()

    assert {event["id"] for event in told} == {job}
    assert [event["status"] for event in told][:2] == ["waiting", "running"]


@pytest.mark.parametrize(
    ("status", "what", "wish"),
    [
        (400, "fork", {}),
        (400, "fork", {"at": 1, "tail": "script"}),
        (400, "fork", {"at": 1, "command": ["sh"]}),
        (400, "replay", {"on_divergence": "ask"}),
    ],
)
def test_wishes_that_make_no_sense_are_refused(
    server: Running, recorded: SessionKey, status: int, what: str, wish: dict[str, Any]
) -> None:
    assert start(server, what, recorded, **wish).status == status


@pytest.mark.parametrize(
    "wish", [{"sample": 0}, {"at_once": 99}, {"since": "some day"}, {"labels": {"a": 1}}, {"command": ["sh"]}]
)
def test_checks_that_make_no_sense_are_refused(server: Running, wish: dict[str, Any]) -> None:
    assert check(server, **wish).status == 400


def test_what_is_not_there_is_told(server: Running, recorded: SessionKey) -> None:
    assert start(server, "replay", recorded._replace(session="nothing")).status == 404  # type: ignore[arg-type]
    assert server.ask("/api/v1/jobs/nothing").json["error"]["kind"] == "JobMissing"


def test_a_job_that_fails_says_why(server: Running, recorded: SessionKey) -> None:
    job = outcome(server, start(server, "fork", recorded, at=9_999).json["id"])

    assert (job["status"], job["result"]) == ("failed", None)
    assert "no call at step 9999" in job["said"]


def jobs_of(runs: Runs, **options: Any) -> tuple[Jobs, list[Job]]:
    told: list[Job] = []
    return Jobs(runs.settings, Options(**options), time.time_ns, lambda job, _: told.append(job)), told


def running_pids(runs: Runs) -> list[int]:
    path = runs.folder / "pids"
    assert waited_for(lambda: path.exists() and len(path.read_text().split()) == 2, 60)
    found = [int(text) for text in path.read_text().split()]
    path.unlink()
    return found


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_cancelled_job_leaves_no_process(slow: tuple[Runs, SessionKey]) -> None:
    runs, key = slow
    with runs.calm():
        jobs, told = jobs_of(runs)
        job = jobs.start("replay", key, [], {})
        pids = running_pids(runs)

        jobs.cancel(job.id)

        assert waited_for(lambda: jobs.get(job.id).is_over)
        assert waited_for(lambda: all(map(is_gone, pids)))
        jobs.close()
    assert [one.status for one in told][-1] == "cancelled"


def test_a_job_that_takes_too_long_is_ended(slow: tuple[Runs, SessionKey]) -> None:
    runs, key = slow
    with runs.calm():
        jobs, _ = jobs_of(runs, job_seconds=0.3)
        job = jobs.start("replay", key, [], {})

        assert waited_for(lambda: jobs.get(job.id).status == "timed out")
        jobs.close()


@pytest.mark.skipif(sys.platform == "win32", reason="groups of processes are there on other systems only")
def test_jobs_end_with_a_server_that_is_killed(slow: tuple[Runs, SessionKey]) -> None:
    runs, key = slow
    with runs.calm(), running(runs.settings.db_path) as server:
        assert start(server, "replay", key).status == 200
        pids = running_pids(runs)

        server.process.kill()

        assert waited_for(lambda: all(map(is_gone, pids)))


def test_only_so_many_run_and_wait(runs: Runs, recorded: SessionKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(_jobs: Jobs, work: Any, _folder: Path) -> dict[str, Any]:
        work.is_cancelled.wait(20)
        return {}

    monkeypatch.setattr(Jobs, "_perform", wait)
    jobs, _ = jobs_of(runs)
    started = [jobs.start("replay", recorded, [], {}) for _ in range(34)]

    with pytest.raises(JobsTooMany):
        jobs.start("replay", recorded, [], {})

    assert [job.id for job in jobs.all()] == [job.id for job in reversed(started)]
    assert jobs.cancel(started[-1].id).status == "cancelled"
    with pytest.raises(JobMissing):
        jobs.get("another")
    jobs.close()


def test_programs_are_run_off_loopback_only_where_that_was_allowed(runs: Runs, recorded: SessionKey) -> None:
    jobs, _ = jobs_of(runs, host="0.0.0.0", key="secret")

    with pytest.raises(JobsForbidden):
        jobs.start("replay", recorded, [], {})

    assert Options(host="0.0.0.0", key="secret", allow_jobs=True).runs_jobs
    jobs.close()
