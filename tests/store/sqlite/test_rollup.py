"""What is counted bin by bin and entry by entry makes the sketches that adding one by one makes."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from agentreplay.model.sketch import Distinct, Quantiles

few_or_many_hashes = st.one_of(
    st.lists(st.integers(0, 2**64 - 1), max_size=40),
    st.randoms(use_true_random=False).map(lambda random: [random.getrandbits(64) for _ in range(3_000)]),
)


@given(st.lists(st.integers(-100, 2**64), max_size=40))
def test_bins_counted_elsewhere_make_the_same_quantiles(values: list[int]) -> None:
    expected = Quantiles()
    for value in values:
        expected.add(value)

    sketch = Quantiles.of_bins(dict(Counter(map(Quantiles.bin_of, values))))

    assert sketch == expected
    assert sketch.to_bytes() == expected.to_bytes()


@given(few_or_many_hashes)
def test_entries_collected_elsewhere_make_the_same_count(hashes: list[int]) -> None:
    expected = Distinct()
    for value in hashes:
        expected.add_hash(value)

    sketch = Distinct.of_entries(set(map(Distinct.entry_of, hashes)))

    assert sketch.to_bytes() == Distinct.bytes_of(set(map(Distinct.entry_of, hashes))) == expected.to_bytes()
