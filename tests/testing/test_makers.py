"""What the makers make depends on their seed only."""

from agentreplay.model.span import Span
from agentreplay.testing import NEW_YEAR, Maker, batch_of


def make_some(seed: int) -> list[Span]:
    make = Maker(seed)
    root = make.span()
    return [root, make.span(root)]


def test_the_same_seed_makes_the_same_things() -> None:
    assert make_some(7) == make_some(7)


def test_another_seed_makes_other_things() -> None:
    assert {span.key for span in make_some(7)}.isdisjoint(span.key for span in make_some(8))


def test_spans_follow_each_other_and_know_their_parents() -> None:
    root, child = make_some(7)

    assert NEW_YEAR < root.start < child.start
    assert child.parent_key == root.key
    assert child.session == root.session


def test_a_batch_has_each_thing_in_its_place() -> None:
    make = Maker()
    talk = make.conversation("hello", "hi")
    session, span, content = make.session(), make.span(context=talk.ref), make.content()

    batch = batch_of(session, span, content, talk)

    assert (batch.sessions, batch.spans, batch.links) == ((session,), (span,), talk.links)
    assert batch.contents == (content, *talk.contents)
