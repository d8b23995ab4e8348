"""Runs the server: opens the ports, starts the indexer, serves until it is told to end."""

import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module

import uvicorn

from agentreplay.core.absence import forgotten, silent
from agentreplay.core.uploads import Uploads
from agentreplay.errors import AddressTaken, AgentReplayError
from agentreplay.model.ids import TenantId
from agentreplay.model.session import SessionKey
from agentreplay.model.time import Nanoseconds
from agentreplay.platform import GIVE_BACK_PAUSE, give_back_memory, share_heaps
from agentreplay.server.admission import Admission
from agentreplay.server.app import create_app
from agentreplay.server.connection import GuardedConnection
from agentreplay.server.ending import without_cut_off
from agentreplay.server.figures import Figures
from agentreplay.server.gateway.gateway import Gateway
from agentreplay.server.gateway.upstreams import read_upstreams
from agentreplay.server.jobs import Jobs
from agentreplay.server.journals import JournalReceiver
from agentreplay.server.keeper import Keeper
from agentreplay.server.keys import KeyCheck
from agentreplay.server.lag import LagWatch
from agentreplay.server.limits import Bucket
from agentreplay.server.live import LiveFeed
from agentreplay.server.options import Options
from agentreplay.server.otlp.receive import Receiver
from agentreplay.server.ports import listen, open_ports
from agentreplay.server.reembedding import Reembedding
from agentreplay.server.service import Service
from agentreplay.server.submissions import SubmissionReceiver
from agentreplay.server.supervise import Supervisor
from agentreplay.server.timelines import Timelines
from agentreplay.settings import Durability, Settings
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store

__all__ = ["Started", "run"]

_KEEP_ALIVE = 75
_MOST_CONNECTIONS = 1000
_GRACE = 5
_MOST_SAID = 64 << 10
"""Of what a WebSocket may say to us, which is nothing."""
_SILENCE_PAUSE = 60


@dataclass(frozen=True)
class Started:
    """What the server listens on, and which ports it did not get."""

    address: str
    http: list[int] = field(default_factory=list[int])
    grpc: list[int] = field(default_factory=list[int])
    problems: list[AddressTaken] = field(default_factory=list[AddressTaken])


def run(settings: Settings, options: Options, told: Callable[[Started], None]) -> None:
    """Serve until a signal ends it. Raises AddressTaken when the main port is."""
    main = listen(options.host, options.port)
    share_heaps()
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_serve(settings, options, main, told))


def _new_loop() -> asyncio.AbstractEventLoop:
    """Uvloop has none for Windows."""
    try:
        import uvloop  # optional extra: absent on Windows
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


class _Server(uvicorn.Server):
    """Ends in order when a signal comes; that of uvicorn would end the process before we have tidied up."""

    def __init__(self, config: uvicorn.Config, ends: Callable[[], None]) -> None:
        super().__init__(config)
        self._ends = ends

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """First let those go who would listen for ever."""
        self._ends()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """While the context lasts, signals ask the server to end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Where the loop cannot do it, as on Windows, Ctrl-C interrupts as in any program.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def _serve(settings: Settings, options: Options, main: socket.socket, told: Callable[[Started], None]) -> None:
    keys = KeyCheck(options.key)
    async with _service(settings, options) as service:
        config = uvicorn.Config(
            create_app(service, keys),
            http=GuardedConnection,
            ws="websockets-sansio",
            ws_max_size=_MOST_SAID,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=_GRACE,
            limit_concurrency=_MOST_CONNECTIONS,
            ssl_certfile=options.certificate,
            ssl_keyfile=options.private_key,
        )
        logging.getLogger("uvicorn.error").addFilter(without_cut_off)
        others = open_ports(options.host, options.http_ports)
        server = _Server(config, service.live.close)
        started = Started(_address(options, main), [_port(main), *map(_port, others.sockets)], [], others.problems)
        serving = asyncio.create_task(server.serve([main, *others.sockets]))
        try:
            async with _grpc(service, keys, started):
                told(started)
                await serving
        finally:
            server.should_exit = True
            await serving


def _teller(live: LiveFeed) -> Callable[..., None]:
    """What publishes on the live feed from any thread."""
    loop = asyncio.get_running_loop()

    def tell(name: str, value: object, session: SessionKey | None = None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(live.publish, name, value, session)

    return tell


@contextlib.asynccontextmanager
async def _service(settings: Settings, options: Options) -> AsyncGenerator[Service]:
    upstreams = read_upstreams(settings.upstreams)
    figures = Figures()
    figures.put("agentreplay_start_seconds", round(time.time(), 3))
    durability = _durability(settings)
    store = open_store(settings.db_path, durability=durability)
    lag = LagWatch(store.lag, figures, time.monotonic)
    keeper = Keeper(JournalWriter(settings.db_path, durability), lag.count)
    supervisor = _supervisor("indexing", [str(settings.db_path)], figures)
    admission = Admission(lag, options.max_lag, Bucket(options.spans_a_minute, options.burst, time.monotonic))
    receiver = Receiver(
        settings=settings,
        keeper=keeper,
        figures=figures,
        admission=admission,
        max_body=options.max_body,
        now=time.time_ns,
    )
    gateway = Gateway(
        settings=settings,
        store=store,
        keeper=keeper,
        figures=figures,
        upstreams=upstreams,
        max_body=options.max_body,
        session_idle=options.session_idle,
    )
    tenant = TenantId(settings.tenant)
    journals = JournalReceiver(
        uploads=Uploads(settings.db_path, tenant, time.time_ns),
        tenant=tenant,
        store=store,
        keeper=keeper,
        figures=figures,
        admission=admission,
    )
    submissions = SubmissionReceiver(
        settings=settings, keeper=keeper, figures=figures, admission=admission, now=time.time_ns
    )
    live = LiveFeed(store, lag)
    tell = _teller(live)
    jobs = Jobs(settings, options, time.time_ns, partial(tell, "job"))
    reembedding = Reembedding(settings, store)
    reembedding.resume()
    works = [supervisor.run(), lag.run(), gateway.sessions.run(), journals.run(), live.run()]
    works += [_mark_the_silent(store, settings), _give_back(), *_followers(settings, figures)]
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield Service(
            settings=settings,
            options=options,
            store=store,
            figures=figures,
            lag=lag,
            indexer=supervisor,
            receiver=receiver,
            gateway=gateway,
            journals=journals,
            submissions=submissions,
            live=live,
            tell=tell,
            jobs=jobs,
            reembedding=reembedding,
            timelines=Timelines(store),
        )
    finally:
        await gateway.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(jobs.close)
        await asyncio.to_thread(reembedding.close)
        await asyncio.to_thread(keeper.close)
        store.close()


def _supervisor(work: str, arguments: list[str], figures: Figures) -> Supervisor:
    counter = {"indexing": "agentreplay_indexer_starts_total", "watching": "agentreplay_watcher_starts_total"}[work]
    return Supervisor(work, arguments, partial(figures.add, counter))


def _durability(settings: Settings) -> Durability:
    """What was acknowledged survives the loss of power, unless somebody chose otherwise by name."""
    is_chosen = settings.sources.get("durability", "default") != "default"
    return settings.durability if is_chosen else "power"


def _followers(settings: Settings, figures: Figures) -> list[Coroutine[None, None, None]]:
    """What follows the transcripts of coding agents, where that is wanted."""
    if settings.watch != "yes":
        return []
    return [_supervisor("watching", [str(settings.db_path), settings.tenant, settings.project], figures).run()]


async def _mark_the_silent(store: Store, settings: Settings) -> None:
    """Mark the sessions that nobody goes on with, from time to time, until cancelled."""

    def mark() -> None:
        marked = silent(
            store.sessions, forgotten(store.sessions, TenantId(settings.tenant), Nanoseconds(time.time_ns()))
        )
        if not marked.is_empty:
            store.append(marked)

    while True:
        await asyncio.sleep(_SILENCE_PAUSE)
        with contextlib.suppress(AgentReplayError):  # the next time will do
            await asyncio.to_thread(mark)


async def _give_back() -> None:
    """Take no more memory than is used, until cancelled."""
    while True:
        await asyncio.sleep(GIVE_BACK_PAUSE)
        await asyncio.to_thread(give_back_memory)


@contextlib.asynccontextmanager
async def _grpc(service: Service, keys: KeyCheck, started: Started) -> AsyncGenerator[None]:
    """Serve gRPC too, if it is wanted. HTTP is answered while it is loaded, which takes a third as long as all else."""
    if not service.options.grpc_ports:
        yield
        return
    await asyncio.to_thread(import_module, "agentreplay.server.rpc")
    from agentreplay.server.rpc import serving_rpc  # start-up

    async with serving_rpc(service, keys, _GRACE) as rpc:
        started.grpc.extend(rpc.ports)
        started.problems.extend(rpc.problems)
        yield


def _port(opened: socket.socket) -> int:
    port: int = opened.getsockname()[1]
    return port


def _address(options: Options, main: socket.socket) -> str:
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"{'https' if options.certificate else 'http'}://{host}:{_port(main)}"
