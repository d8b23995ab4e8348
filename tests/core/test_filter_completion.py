"""Completing a filter: fields first, then what the store knows of their values."""

from agentreplay.core.filter_completion import complete, known_values
from agentreplay.core.filter_fields import Field
from agentreplay.model.time import HOUR
from agentreplay.store.protocol import Store
from agentreplay.testing import NEW_YEAR, Maker, batch_of
from tests.store.observation import append


def values(_: Field) -> list[str]:
    return ["gpt-5", "gpt 4", 'a"b']


def suggested(text: str) -> tuple[int, list[str]]:
    found = complete(text, "spans", values)
    return found.start, [one.text for one in found.items]


def test_a_field_is_completed_with_its_operator() -> None:
    assert suggested("mo") == (0, ["model:"])
    assert suggested("kind:llm -na") == (10, ["name:"])
    assert suggested("tok") == (0, ["tokens>"])
    assert "attr." in suggested("")[1]


def test_a_value_is_completed_from_what_is_stored_and_in_quotes_where_it_has_to_be() -> None:
    assert suggested("model:gp") == (6, ["gpt-5", '"gpt 4"'])
    assert suggested('x model:"gpt ') == (8, ['"gpt 4"'])
    assert suggested("model:x,4") == (8, ['"gpt 4"'])
    assert suggested('tool:a"') == (5, [r'"a\"b"'])


def test_a_choice_is_completed_without_asking_the_store() -> None:
    assert suggested("status:e") == (7, ["error", "unset"])
    assert suggested("colour:r") == (7, [])
    assert "today" in suggested("since:")[1]


def test_the_store_knows_the_values_of_the_last_month(store: Store, make: Maker) -> None:
    append(store, batch_of(make.session(labels={"env": "prod"}, source="sdk")))
    append(store, batch_of(make.span(kind="llm", model="old", start=NEW_YEAR - 40 * 24 * HOUR)))
    append(store, batch_of(make.span(kind="llm", model="new"), make.span(kind="llm", model="new")))
    append(store, batch_of(make.span(kind="llm", model="rare")))
    append(store, batch_of(Maker(tenant="stranger").span(model="theirs")))
    known = known_values(store, make.tenant, None, lambda: NEW_YEAR + HOUR)

    assert [one.text for one in complete("model:", "spans", known).items] == ["new", "rare"]
    assert [one.text for one in complete("label:", "spans", known).items] == ["env=prod"]
    assert [one.text for one in complete("source:", "sessions", known).items] == ["sdk"]
