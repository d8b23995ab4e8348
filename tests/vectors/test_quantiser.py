"""Lists are found near the ones that were known, and hardly any vector would be elsewhere."""

import numpy as np
import pytest

from agentreplay.vectors.quantiser import Quantiser
from tests.vectors.clusters import clustered


@pytest.mark.parametrize("lists", [40, 300])
def test_what_is_sought_near_is_what_is_sought_everywhere(lists: int) -> None:
    vectors = clustered(6_000, 32)
    before = Quantiser.trained(vectors[:3_000], 80)
    after = Quantiser.trained(vectors, lists)
    known = before.lists(vectors)

    found = after.lists_near(vectors, known, before)

    everywhere = after.lists(vectors)
    assert np.mean(found == everywhere) > 0.98
    # Where it is another one, it is hardly farther.
    lost = np.sum((after.centres[everywhere] - after.centres[found]) * vectors, axis=1)
    assert lost.min() > -1e-5
    assert lost.mean() < 1e-3
