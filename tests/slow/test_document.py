"""The API is what its document says: requests are made from the document, and answers are held against it.

What is asked follows from the document alone, so a route that is new is asked here without being named.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from tests.server.population import OURS, PROJECT, Population, populate
from tests.server.running import ROOT, Running, running

pytestmark = pytest.mark.slow

DOCUMENT: dict[str, Any] = json.loads(Path(ROOT, "docs/reference/openapi.json").read_text(encoding="utf-8"))
ENDLESS = frozenset({"/api/v1/live", "/api/v1/state/watch"})
RUNNING = ("/replay", "/fork", "/check", "/vacuum")
"""What starts processes, or takes the whole store: it is asked for what is not there, or not at all."""
NOT_ASKED = ENDLESS | {"/api/v1/check", "/api/v1/storage/vacuum"}
PROMISES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
SCHEMA: Any = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS: dict[str, Any] = {
    f"{operation.method} {operation.path}": operation
    for operation in (found.ok() for found in SCHEMA.get_all_operations())
    if operation.path not in NOT_ASKED
}
EXAMPLES = {schemathesis.GenerationMode.POSITIVE: 8, schemathesis.GenerationMode.NEGATIVE: 4}
bounded = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Population]]:
    """One of its own: sessions are deleted here, and others told."""
    load_all_checks()
    folder = tmp_path_factory.mktemp("document")
    population = populate(folder)
    with running(folder, AGENTREPLAY_TENANT=OURS, AGENTREPLAY_PROJECT=PROJECT) as server:
        yield server, population


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mode", EXAMPLES, ids=lambda mode: mode.value)
def test_answers_are_as_the_document_says(
    stored: tuple[Running, Population], name: str, mode: schemathesis.GenerationMode
) -> None:
    """Asked for with what the document allows, and with what it does not."""
    server, population = stored
    operation = OPERATIONS[name]
    promises: Any = CHECKS.get_by_names(PROMISES)

    @settings(bounded, max_examples=EXAMPLES[mode])
    @given(operation.as_strategy(generation_mode=mode), st.randoms(use_true_random=False))
    def ask(case: Any, random: Random) -> None:
        aim(case, known(population), random)
        case.validate_response(case.call(base_url=server.address), checks=promises)

    ask()


def known(population: Population) -> dict[str, list[Any]]:
    """What there is, by the names of the parameters that ask for it."""
    return {
        "session_id": [population.session, population.fork],
        "trace_id": [population.trace],
        "span_id": [population.root, population.first, population.tool],
        "content": [population.page],
        "project": [PROJECT],
        "before": [population.session],
        "after": [population.fork],
        "to": [population.tool],
        "agent": ["clerk"],
    }


def aim(case: Any, values: dict[str, list[Any]], random: Random) -> None:
    """Ask for what there is, mostly: all else is answered with 404."""
    if case.path.endswith(RUNNING):
        return
    for told in (case.path_parameters, case.query):
        for name in sorted(told.keys() & values):
            if random.random() < 0.75:
                told[name] = random.choice(values[name])
