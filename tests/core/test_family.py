"""Families of sessions: from the first that is still there, each fork below what it was forked from."""

import pytest

from agentreplay.core.family import family
from agentreplay.errors import SessionMissing
from agentreplay.model.session import Origin, Session, SessionKey
from agentreplay.store.protocol import Store
from agentreplay.testing import Maker, batch_of


def grow(store: Store, make: Maker, *origins: tuple[str, str | None]) -> list[Session]:
    """Sessions by name, each with the one it was forked from, later ones begun later."""
    made: list[Session] = []
    for number, (name, origin) in enumerate(origins):
        told = None if origin is None else Origin(session=origin, seq=3)  # type: ignore[arg-type]
        made.append(make.session(id=name, started=number + 1, origin=told))
    store.append(batch_of(*made))
    store.drain()
    return made


def shown(store: Store, key: SessionKey) -> list[tuple[int, str]]:
    return [(member.depth, member.row.session.id) for member in family(store.sessions, key)]


def test_it_is_the_same_family_for_each_of_its_members(store: Store, make: Maker) -> None:
    made = grow(store, make, ("a", None), ("b", "a"), ("c", "b"), ("d", "a"), ("other", None))

    expected = [(0, "a"), (1, "b"), (2, "c"), (1, "d")]
    assert [shown(store, one.key) for one in made[:4]] == [expected] * 4
    assert shown(store, made[4].key) == [(0, "other")]


def test_it_begins_with_the_first_that_is_still_there(store: Store, make: Maker) -> None:
    made = grow(store, make, ("b", "gone"), ("c", "b"))

    assert shown(store, made[1].key) == [(0, "b"), (1, "c")]


@pytest.mark.parametrize("origins", [[("a", "a")], [("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "a")]])
def test_a_circle_is_shown_once(origins: list[tuple[str, str]], store: Store, make: Maker) -> None:
    made = grow(store, make, *origins, ("d", "a"))

    members = [name for _, name in shown(store, made[0].key)]

    assert sorted(members) == sorted({name for name, _ in origins} | {"d"})
    assert len(members) == len(set(members))


def test_whose_family_is_not_there_is_told(store: Store, make: Maker) -> None:
    with pytest.raises(SessionMissing):
        shown(store, make.session().key)
