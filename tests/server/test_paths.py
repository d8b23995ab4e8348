"""What a path leads to."""

import pytest

from agentreplay.server.paths import Paths
from agentreplay.server.routing import Route, reads


def declared(path: str, name: str) -> Route:
    def function() -> None: ...

    function.__name__ = name
    return reads(path, tag="", summary="")(function)


PATHS = Paths(
    [
        declared("/spans", "all"),
        declared("/spans/newest", "newest"),
        declared("/spans/{span}", "one"),
        declared("/spans/{span}/children", "children"),
        declared("/spans/newest/twice/over", "deep"),
        declared("/prices/{provider}/{model:path}", "price"),
    ]
)


@pytest.mark.parametrize(
    ("path", "name", "named"),
    [
        ("/spans", "all", {}),
        ("/spans/", "all", {}),
        ("/spans/newest", "newest", {}),
        ("/spans/7", "one", {"span": "7"}),
        ("/spans/{span}", "one", {"span": "{span}"}),
        ("/spans/7/children", "children", {"span": "7"}),
        ("/spans/newest/children", "children", {"span": "newest"}),
        ("/prices/openai/gpt-5", "price", {"provider": "openai", "model": "gpt-5"}),
        ("/prices/openai/meta/llama/4", "price", {"provider": "openai", "model": "meta/llama/4"}),
    ],
)
def test_a_path_leads_to_the_route_that_says_most_of_it(path: str, name: str, named: dict[str, str]) -> None:
    found = PATHS.find(f"/api/v1{path}")

    assert found is not None
    assert (found.routes["GET"].function.__name__, found.named) == (name, named)


@pytest.mark.parametrize("path", ["", "/", "/span", "/spans/7/8", "/spans//children", "/prices", "/prices/openai/"])
def test_other_paths_lead_nowhere(path: str) -> None:
    assert PATHS.find(f"/api/v1{path}") is None
