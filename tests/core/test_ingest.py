"""Requests in journals become spans, redacted, whoever indexes them."""

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agentreplay.core.exchange import exchange
from agentreplay.core.ingest import KIND, VERSION, Request, batch_of_request, payload_of
from agentreplay.model.ids import ProjectId, TenantId
from agentreplay.model.time import Nanoseconds
from agentreplay.settings import ContentPolicy
from agentreplay.store.journal.writer import JournalWriter
from agentreplay.store.memory import MemoryStore
from tests.server.requests import START, key_values, trace_request
from tests.server.running import spans_of

SECRET = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7" * 2


def request(attributes: dict[str, Any], content: ContentPolicy = "redacted") -> Request:
    message = trace_request(2, attributes)
    span = message.resource_spans[0].scope_spans[0].spans[0]
    span.events.add(name="e", attributes=key_values(attributes))
    span.links.add(trace_id=(1).to_bytes(16), span_id=(2).to_bytes(8), attributes=key_values(attributes))
    return Request(
        tenant=TenantId("local"),
        project=ProjectId("default"),
        signal="traces",
        encoding="protobuf",
        received=Nanoseconds(START),
        content=content,
        body=message.SerializeToString(),
    )


def test_a_frame_of_a_request_is_indexed_as_its_spans(tmp_path: Path) -> None:
    plain = request({})
    packed = msgspec.structs.replace(plain, coding="gzip", body=gzip.compress(plain.body))
    writer = JournalWriter(tmp_path, "power")

    writer.append_payloads(KIND, VERSION, [payload_of(plain), payload_of(packed)])
    writer.close()

    assert [span.name for span in spans_of(tmp_path)] == ["span 2", "span 1"], "the same span twice is one span"


@pytest.mark.parametrize(
    "attributes", [{"note": f"use {SECRET} today"}, {"password": "hunter2hunter2"}, {"deep": {"token": SECRET}}]
)
def test_secrets_are_taken_out_wherever_they_stand(attributes: dict[str, Any]) -> None:
    secret = b"hunter2hunter2" if "password" in attributes else SECRET.encode()

    batch = batch_of_request(payload_of(request(attributes)))

    assert secret not in msgspec.msgpack.encode(batch)
    assert b"[redacted:" in msgspec.msgpack.encode(batch)
    assert batch == batch_of_request(payload_of(request(attributes))), "sent again it is the same"


def test_what_others_recorded_is_graded() -> None:
    store = MemoryStore()
    batch = batch_of_request(payload_of(request({"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"})))
    store.append(batch)

    assert exchange(store, batch.spans[0].key).grade == "none"


def test_a_clean_value_does_not_make_a_secret_clean() -> None:
    """What was found clean is remembered, with its name."""
    for value in ("none", "hunter2hunter2", "none"):
        batch = batch_of_request(payload_of(request({"password": value})))
        assert ("hunter2" in str(batch)) is False


def test_numbers_are_kept_unless_their_name_says_otherwise() -> None:
    batch = batch_of_request(payload_of(request({"password": 123_456_789, "tokens": 123_456_789})))

    assert batch.spans[0].attributes["tokens"] == 123_456_789
    assert batch.spans[0].attributes["password"] != 123_456_789


@pytest.mark.parametrize("project", ["shop", "default"])
def test_the_policy_of_a_project_counts_wherever_the_project_is_named(project: str) -> None:
    plain = request({"note": SECRET})
    message = trace_request(2, {"note": SECRET})
    if project != "default":
        message.resource_spans[0].resource.attributes.extend(key_values({"agentreplay.project": project}))
    policies: dict[ProjectId, ContentPolicy] = {ProjectId(project): "structure", ProjectId("other"): "full"}
    asked = msgspec.structs.replace(plain, body=message.SerializeToString(), policies=policies, content="full")

    batch = batch_of_request(payload_of(asked))

    assert {span.project for span in batch.spans} == {project}
    assert batch.spans[0].attributes["note"] == f"[text:{len(SECRET)}]"


def test_spans_of_several_projects_in_one_request_are_each_kept_by_their_own_policy() -> None:
    message = trace_request(1, {"note": SECRET})
    for project in ("full", "structure"):
        group = message.resource_spans.add()
        group.CopyFrom(message.resource_spans[0])
        group.resource.attributes.extend(key_values({"agentreplay.project": project}))
        group.scope_spans[0].spans[0].span_id = project.encode()[:4] * 2
    policies: dict[ProjectId, ContentPolicy] = {ProjectId("full"): "full", ProjectId("structure"): "structure"}
    asked = msgspec.structs.replace(request({}), body=message.SerializeToString(), policies=policies)

    batch = batch_of_request(payload_of(asked))

    notes = {span.project: span.attributes["note"] for span in batch.spans}
    assert notes[ProjectId("full")] == SECRET
    assert notes[ProjectId("structure")] == f"[text:{len(SECRET)}]"
    assert notes[ProjectId("default")].startswith("[redacted:")


def test_everything_is_kept_where_the_settings_say_so() -> None:
    batch = batch_of_request(payload_of(request({"note": SECRET}, "full")))

    assert batch.spans[0].attributes["note"] == SECRET
