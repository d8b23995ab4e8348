"""A real radosgw, with the monitor and the disk in memory that it stands on, in processes of this machine.

Nothing of the system is touched: all three listen on loopback, and keep what they keep in a folder of the test.
"""

import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from agentreplay.contents.s3 import S3, S3Keys
from tests.contents.buckets import ACCESS, BUCKET, SECRET, Buckets, pointing

__all__ = ["radosgw"]

_PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
_PATIENCE = 60
_CONFIGURATION = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{monitor}
auth cluster required = none
auth service required = none
auth client required = none
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = {folder}
admin socket =
pid file =
log file = {folder}/$name.log
log to stderr = false
mon cluster log to file = false
mon data = {folder}/mon
mon data avail crit = 1
mon allow pool size one = true
osd data = {folder}/osd
osd objectstore = memstore
osd class update on start = false
osd crush update on start = false
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
[client.rgw]
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{gateway}
rgw run sync thread = false
"""


@contextmanager
def radosgw(folder: Path) -> Generator[Buckets]:
    """Starts it with one bucket, and points the environment at it; the test is skipped where it is not installed."""
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed: apt-get install radosgw ceph-mon ceph-osd ceph-common")
    monitor, gateway = _free_port(), _free_port()
    configuration = folder / "ceph.conf"
    fsid = str(uuid.uuid4())
    for name in ("mon", "osd", "rgw"):
        (folder / name).mkdir()
    configuration.write_text(_CONFIGURATION.format(fsid=fsid, folder=folder, monitor=monitor, gateway=gateway))
    with ExitStack() as stack:
        cluster = _Cluster(configuration, stack)
        cluster.run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v1:127.0.0.1:{monitor}]", "monmap")
        cluster.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", "monmap")
        cluster.start("ceph-mon", "-i", "a", "-f")
        disk = str(uuid.uuid4())
        cluster.run("ceph", "osd", "new", disk)
        cluster.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        cluster.run("ceph", "osd", "crush", "add", "0", "1", "host=here", "root=default")
        cluster.start("ceph-osd", "-i", "0", "-f")
        cluster.start("radosgw", "-n", "client.rgw", "-f")
        url = f"http://127.0.0.1:{gateway}"
        _await(url)
        owner = ("--uid=somebody", "--display-name=somebody", f"--access-key={ACCESS}", f"--secret-key={SECRET}")
        cluster.run("radosgw-admin", "-n", "client.rgw", "user", "create", *owner)
        with pointing(url):
            _make_bucket(url)
            yield Buckets(url, [])


class _Cluster:
    def __init__(self, configuration: Path, stack: ExitStack) -> None:
        self._configuration = configuration
        self._stack = stack

    def run(self, program: str, *arguments: str) -> None:
        command = [program, "-c", str(self._configuration), *arguments]
        folder = self._configuration.parent
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        assert done.returncode == 0, f"{program}: {done.stderr[-2_000:]}"

    def start(self, program: str, *arguments: str) -> None:
        command = [program, "-c", str(self._configuration), *arguments]
        process = subprocess.Popen(
            command, cwd=self._configuration.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _await(url: str) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            urlopen(url).close()
        except HTTPError:  # it answers
            return
        except OSError:
            assert time.monotonic() < until, "the gateway did not start"
            time.sleep(0.2)
        else:
            return


def _make_bucket(url: str) -> None:
    S3(f"{url}/{BUCKET}", S3Keys(ACCESS, SECRET, "us-east-1")).ask("PUT", "", {})
