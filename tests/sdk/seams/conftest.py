"""The seams of HTTP in place, and taken out again."""

import asyncio
import concurrent.futures.thread
import http.client
from collections.abc import Iterator

import aiohttp.client
import httpx
import httpx2
import pytest
import urllib3.connectionpool

from agentreplay.sdk import cancelling, scope, tasks
from agentreplay.sdk.patching import Patches
from agentreplay.sdk.seams import aiohttp_, http_client, httpx_, pools, urllib3_


@pytest.fixture(autouse=True)
def seams() -> Iterator[None]:
    patches = Patches()
    tasks.follow(patches, scope.carry)
    tasks.follow_tasks(patches, asyncio)
    cancelling.follow(patches)
    for seam, library in (
        (pools, concurrent.futures.thread),
        (httpx_, httpx),
        (httpx_, httpx2),
        (urllib3_, urllib3.connectionpool),
        (http_client, http.client),
        (aiohttp_, aiohttp.client),
    ):
        seam.install(patches, library)
    yield
    patches.undo()
