"""Batches lose nothing and belong to one tenant."""

import pytest
from hypothesis import given

from agentreplay.errors import BatchInvalid
from agentreplay.model.batch import Batch
from agentreplay.model.values import decode, encode
from agentreplay.testing import Maker, batch_of
from tests import strategies


@given(strategies.batches())
def test_a_batch_loses_nothing(batch: Batch) -> None:
    again: Batch = decode(encode(batch), Batch)

    assert encode(again) == encode(batch)
    assert again.tenant == batch.tenant


def test_a_batch_takes_its_tenant_from_what_is_in_it(make: Maker) -> None:
    assert batch_of(make.span(), make.content()).tenant == make.tenant
    assert batch_of(make.session()).tenant == make.tenant


def test_contents_alone_do_not_say_whose_they_are(make: Maker) -> None:
    with pytest.raises(BatchInvalid, match="give `tenant`"):
        batch_of(make.content())

    assert batch_of(make.content(), tenant=make.tenant).tenant == make.tenant


def test_a_batch_does_not_mix_tenants(make: Maker) -> None:
    with pytest.raises(BatchInvalid, match="acme, other"):
        batch_of(make.span(), Maker(tenant="other").span())


def test_only_a_batch_that_holds_something_is_not_empty(make: Maker) -> None:
    assert Batch().is_empty
    assert not batch_of(make.span()).is_empty
