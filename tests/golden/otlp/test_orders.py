"""However the requests of real emitters are cut, shuffled and repeated, the same is stored."""

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from agentreplay.core.ingest import KIND, VERSION, Request, payload_of
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.time import Nanoseconds
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.protocol import Store
from agentreplay.store.registry import open_store
from tests.golden.otlp.reading import CAPTURES
from tests.store.observation import Probe, assert_same_answers, observe

TENANT = TenantId("local")


def requests() -> list[bytes]:
    """What all captures hold, one span a request."""
    found: list[bytes] = []
    for path in sorted(CAPTURES.glob("*/*traces*.pb")):
        for resource in ExportTraceServiceRequest.FromString(path.read_bytes()).resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    one = ExportTraceServiceRequest()
                    group = one.resource_spans.add()
                    group.resource.CopyFrom(resource.resource)
                    within = group.scope_spans.add()
                    within.scope.CopyFrom(scope.scope)
                    within.spans.add().CopyFrom(span)
                    found.append(one.SerializeToString())
    return found


def take_in(folder: Path, store: Store, bodies: Iterable[bytes]) -> None:
    writer = JournalWriter(folder, "process")
    payloads = [
        payload_of(
            Request(
                tenant=TENANT,
                project=ProjectId("default"),
                signal="traces",
                encoding="protobuf",
                received=Nanoseconds(1),
                content="full",
                body=body,
            )
        )
        for body in bodies
    ]
    writer.append_payloads(KIND, VERSION, payloads)
    writer.close()
    store.drain()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_and_the_parts_make_no_difference(tmp_path: Path, seed: int) -> None:
    told = requests()
    chance = random.Random(seed)
    shuffled = chance.sample(told, len(told)) + chance.sample(told, 20)
    parts = sorted(chance.sample(range(len(shuffled)), 5))

    with_one, with_many = open_store(tmp_path / "one"), open_store(tmp_path / "many")
    take_in(tmp_path / "one", with_one, told)
    for start, end in zip([0, *parts], [*parts, len(shuffled)], strict=True):
        take_in(tmp_path / "many", with_many, shuffled[start:end])

    expected = observe(with_one, TENANT, Probe(words=("weather",)))
    found = observe(with_many, TENANT, Probe(words=("weather",)))
    statistics = with_many.statistics()
    with_one.close()
    with_many.close()
    assert_same_answers(found, expected)
    assert len(told) > 80
    assert statistics.conflicts == 0
