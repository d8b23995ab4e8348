"""Help with filters over HTTP."""

from tests.server.population import SECRET
from tests.server.running import Running


def test_the_fields_of_a_filter_are_told(server: Running) -> None:
    spans = {field["name"] for field in server.ask("/api/v1/filters/fields").json["items"]}
    sessions = {field["name"] for field in server.ask("/api/v1/filters/fields?subject=sessions").json["items"]}

    assert {"kind", "attr"} <= spans - sessions
    assert server.ask("/api/v1/filters/fields?subject=cats").status == 400


def test_a_filter_is_completed_with_what_is_stored(server: Running) -> None:
    labels = server.ask("/api/v1/filters/completion?text=x%20label:").json

    assert labels["start"] == 8
    assert {"text": "env=kettle", "meaning": ""} in labels["items"]
    assert SECRET not in str(labels)
