"""Retention, with every store."""

from collections.abc import Callable
from typing import Any

import pytest

from agentreplay.core.retain import Policy, due
from agentreplay.errors import ValueInvalid
from agentreplay.model.content import Content, Kept
from agentreplay.model.time import DAY, Nanoseconds
from agentreplay.store.protocol import Store
from agentreplay.testing import NEW_YEAR, Maker

Keep = Callable[..., None]
NOW = Nanoseconds(NEW_YEAR + 100 * DAY)


def _days_ago(make: Maker, days: int, **fields: Any) -> Any:
    start = NOW - days * DAY
    return make.span(session=f"{days}-days-ago", start=start, **{"end": start + 1, **fields})


def _due(store: Store, make: Maker, policy: Policy) -> list[str]:
    return [row.session.id for row in due(store, make.tenant, make.project, policy, NOW)]


def test_old_sessions_go(store: Store, make: Maker, keep: Keep) -> None:
    keep(_days_ago(make, 1), _days_ago(make, 30), _days_ago(make, 31), _days_ago(make, 90))

    assert _due(store, make, Policy(age=Nanoseconds(30 * DAY))) == ["31-days-ago", "90-days-ago"]


def test_a_long_session_is_as_old_as_the_last_thing_in_it(store: Store, make: Maker, keep: Keep) -> None:
    keep(_days_ago(make, 60, end=NOW - DAY))

    assert _due(store, make, Policy(age=Nanoseconds(30 * DAY))) == []


def test_only_the_newest_stay(store: Store, make: Maker, keep: Keep) -> None:
    keep(*(_days_ago(make, days) for days in (4, 2, 3, 1)))

    assert _due(store, make, Policy(sessions=2)) == ["3-days-ago", "4-days-ago"]
    assert _due(store, make, Policy(sessions=0)) == [f"{days}-days-ago" for days in (1, 2, 3, 4)]


def test_a_running_session_goes_by_age_alone(store: Store, make: Maker, keep: Keep) -> None:
    keep(_days_ago(make, 1), _days_ago(make, 2, end=None), _days_ago(make, 50, end=None))

    assert _due(store, make, Policy(sessions=1, bytes=0)) == []
    assert _due(store, make, Policy(sessions=0)) == ["1-days-ago"]
    assert _due(store, make, Policy(age=Nanoseconds(30 * DAY))) == ["50-days-ago"]


def test_the_newest_that_fit_stay(store: Store, make: Maker, keep: Keep) -> None:
    contents = [Content.of(bytes([number]) * 100, "text/plain") for number in range(3)]
    keep(
        *contents,
        *(
            _days_ago(make, days, kept=(Kept(role="answer", hash=content.hash),))
            for days, content in enumerate(contents, 1)
        ),
    )

    assert _due(store, make, Policy(bytes=300)) == []
    assert _due(store, make, Policy(bytes=299)) == ["3-days-ago"]
    assert _due(store, make, Policy(bytes=150)) == ["2-days-ago", "3-days-ago"]


def test_what_several_sessions_hold_is_weighed_once(store: Store, make: Maker, keep: Keep) -> None:
    shared = Content.of(b"x" * 100, "text/plain")
    held = (Kept(role="answer", hash=shared.hash),)
    keep(shared, _days_ago(make, 1, kept=held), _days_ago(make, 2, kept=held))

    assert _due(store, make, Policy(bytes=100)) == []


def test_conversations_are_weighed_with_their_media(store: Store, make: Maker, keep: Keep) -> None:
    talk = make.conversation("hello", "world")
    size = sum(len(content.data) for content in talk.contents)
    keep(talk, _days_ago(make, 1, context=talk.ref), _days_ago(make, 2))

    assert _due(store, make, Policy(bytes=size)) == []
    assert _due(store, make, Policy(bytes=size - 1)) == ["1-days-ago", "2-days-ago"]


def test_no_limit_keeps_everything(store: Store, make: Maker, keep: Keep) -> None:
    keep(_days_ago(make, 90))

    assert _due(store, make, Policy()) == []


def test_other_projects_keep_what_they_have(store: Store, make: Maker, keep: Keep) -> None:
    keep(_days_ago(make, 1), _days_ago(make, 1, project="other"))

    found = due(store, make.tenant, make.project, Policy(sessions=0), NOW)

    assert [row.session.project for row in found] == [make.project]


@pytest.mark.parametrize("limit", ["age", "sessions", "bytes"])
def test_a_negative_limit_is_refused(limit: str) -> None:
    with pytest.raises(ValueInvalid, match=limit):
        Policy(**{limit: -1})  # type: ignore[arg-type]  # one field after the other
