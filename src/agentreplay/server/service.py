"""What the routes work with: the store, the settings, and what the server knows of itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from agentreplay.model.time import Clock
from agentreplay.server.figures import Figures
from agentreplay.server.gateway.gateway import Gateway
from agentreplay.server.jobs import Jobs
from agentreplay.server.journals import JournalReceiver
from agentreplay.server.lag import LagWatch
from agentreplay.server.live import LiveFeed
from agentreplay.server.options import Options
from agentreplay.server.otlp.receive import Receiver
from agentreplay.server.reembedding import Reembedding
from agentreplay.server.submissions import SubmissionReceiver
from agentreplay.server.supervise import Supervisor
from agentreplay.server.timelines import Timelines
from agentreplay.settings import Settings
from agentreplay.store.protocol import Store

__all__ = ["Service"]


@dataclass(frozen=True, kw_only=True)
class Service:
    """One running server. Routes get it by declaring an argument of this type."""

    settings: Settings
    options: Options
    store: Store
    """Blocks: routes that ask it are plain functions, which run in threads."""
    figures: Figures
    lag: LagWatch
    indexer: Supervisor
    receiver: Receiver
    gateway: Gateway
    journals: JournalReceiver
    submissions: SubmissionReceiver
    live: LiveFeed
    tell: Callable[[str, object], None]
    """Tells those who listen now of something that is not in the store, from any thread."""
    jobs: Jobs
    reembedding: Reembedding
    timelines: Timelines
    now: Clock = time.time_ns
