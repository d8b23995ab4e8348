"""Sketches keep their accuracy however they are split, merged, stored and damaged."""

import json
import math
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentreplay.model.sketch import Distinct, Quantiles, exact_quantile, hash64

Sketch = TypeVar("Sketch", Quantiles, Distinct)

EDGES = (0, 1, 2, 48, 49, 50, 51, 99, 2**53 - 1, 2**53 + 1, 2**62, 2**63 - 1, 2**64)
_powers = st.integers(0, 2200).map(lambda power: int(1.02**power))
_positive = st.one_of(st.sampled_from(EDGES), st.integers(0, 200), st.integers(0, 2**63 - 1), _powers)
integers = st.one_of(_positive, _positive.map(lambda value: -value))
many_integers = st.lists(integers, max_size=40)
shares = st.one_of(st.sampled_from([0.0, 0.5, 0.9, 0.95, 0.99, 1.0]), st.floats(0, 1))

_random = Random(14)
HASHES = [_random.getrandbits(64) for _ in range(6_000)]
slices_of_hashes = st.slices(6_000).map(HASHES.__getitem__)
"""Sparse and dense, more or less overlapping; the hashes themselves only have to be well mixed."""

_places = st.tuples(st.integers(0, 9), st.integers(0, 50))
_of_few_bits = _places.map(lambda place: place[0] << 50 | 2 ** place[1] // 2)
contrived_hashes = st.lists(st.one_of(_of_few_bits, st.integers(0, 2**64 - 1)), max_size=40)


def quantiles_of(values: list[int]) -> Quantiles:
    sketch = Quantiles()
    for value in values:
        sketch.add(value)
    return sketch


def distinct_of(hashes: list[int]) -> Distinct:
    sketch = Distinct()
    for value in hashes:
        sketch.add_hash(value)
    return sketch


def merged(*sketches: Sketch) -> Sketch:
    total = type(sketches[0])()
    for sketch in sketches:
        total.merge(sketch)
    return total


def assert_within_one_percent(answer: float | None, exact: int) -> None:
    assert answer is not None
    assert abs(Fraction(answer) - exact) * 100 <= abs(exact)


@given(many_integers.filter(bool), shares)
def test_every_quantile_is_within_one_percent_of_the_exact_one(values: list[int], q: float) -> None:
    exact = exact_quantile(sorted(values), q)

    assert exact is not None
    assert_within_one_percent(quantiles_of(values).quantiles((0.5, q))[1], exact)


def test_the_promise_holds_where_one_bin_ends_and_the_next_begins() -> None:
    answers = [quantiles_of([int(1.005**power)]).quantile(0.5) for power in range(8_700)]
    edges = {round((left + right) / 2) for left, right in pairwise(answers) if left and right}

    assert len(edges) > 1_900
    for edge in edges:
        for value in (edge - (edge >> 52) - 1, edge - 1, edge, edge + 1, edge + (edge >> 52) + 1):
            assert_within_one_percent(quantiles_of([value]).quantile(0.5), value)


def test_small_values_are_answered_exactly() -> None:
    for value in range(-48, 49):
        assert quantiles_of([value]).quantile(0.5) == value


@pytest.mark.parametrize("value", [2**64, 2**64 + 1, 2**70, 10**400])
def test_a_value_beyond_64_bits_counts_as_the_largest(value: int) -> None:
    assert quantiles_of([value]) == quantiles_of([2**64])
    assert quantiles_of([-value]) == quantiles_of([-(2**64)])


@pytest.mark.parametrize(
    ("q", "exact"), [(0, 10), (0.25, 10), (0.26, 20), (0.5, 20), (0.51, 30), (0.75, 30), (0.99, 40), (1, 40)]
)
def test_the_exact_quantile_is_the_nearest_rank(q: float, exact: int) -> None:
    assert exact_quantile([10, 20, 30, 40], q) == exact
    assert quantiles_of([40, 10, 30, 20]).quantile(q) == exact


def test_nothing_has_no_quantile() -> None:
    assert exact_quantile([], 0.5) is None
    assert Quantiles().quantile(0.5) is None
    assert Quantiles().count == 0


@pytest.mark.parametrize("q", [-0.01, 1.01, math.nan, math.inf])
def test_a_share_below_none_or_above_all_is_refused(q: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Quantiles().quantile(q)
    with pytest.raises(ValueError, match="between 0 and 1"):
        exact_quantile([1], q)


@given(integers, st.integers(-5, 20))
def test_a_value_may_be_added_many_times_at_once_but_not_less_than_once(value: int, count: int) -> None:
    sketch = Quantiles()

    if count < 1:
        with pytest.raises(ValueError, match=f"{count} times"):
            sketch.add(value, count)
    else:
        sketch.add(value, count)

    assert sketch == quantiles_of([value] * count)
    assert sketch.count == max(count, 0)


def test_counts_beyond_the_precision_of_floats_have_a_last_value() -> None:
    sketch = Quantiles()
    sketch.add(5)
    sketch.add(9, 2**62 - 2)

    assert sketch.quantile(0) == 5
    assert sketch.quantile(1.0) == 9
    assert Quantiles.from_bytes(sketch.to_bytes()) == sketch


@given(many_integers, many_integers, many_integers)
def test_quantiles_merge_in_any_order_to_what_adding_all_gives(
    one: list[int], other: list[int], third: list[int]
) -> None:
    first, second, last = map(quantiles_of, (one, other, third))
    everything = quantiles_of(one + other + third)

    assert merged(first, second) == merged(second, first)
    assert merged(merged(first, second), last) == merged(first, merged(second, last)) == everything
    assert merged(last, second, first).to_bytes() == everything.to_bytes()
    assert first == quantiles_of(one)


@given(many_integers, many_integers)
def test_subtracting_undoes_merging(one: list[int], other: list[int]) -> None:
    sketch = merged(quantiles_of(one), quantiles_of(other))

    sketch.subtract(quantiles_of(other))

    assert sketch == quantiles_of(one)


@given(many_integers, many_integers.filter(bool))
def test_subtracting_more_than_is_there_changes_nothing(one: list[int], other: list[int]) -> None:
    sketch = quantiles_of(one)

    with pytest.raises(ValueError, match="more is subtracted"):
        sketch.subtract(quantiles_of(one + other))

    assert sketch == quantiles_of(one)


def test_quantiles_may_meet_themselves() -> None:
    sketch = quantiles_of([1, 2, 3])

    sketch.merge(sketch)
    assert sketch == quantiles_of([1, 2, 3, 1, 2, 3])

    sketch.subtract(sketch)
    assert sketch == Quantiles()


@given(many_integers)
def test_quantiles_survive_as_bytes(values: list[int]) -> None:
    sketch = quantiles_of(values)

    again = Quantiles.from_bytes(sketch.to_bytes())

    assert again == sketch
    assert again.count == len(values)


@given(integers)
def test_one_value_takes_eight_bytes_at_most(value: int) -> None:
    assert len(quantiles_of([value]).to_bytes()) <= 8


def test_few_hashes_are_counted_exactly_or_nearly() -> None:
    sketch = Distinct()
    assert sketch.estimate() == 0
    for count, value in enumerate(HASHES[:2_700], start=1):
        sketch.add_hash(value)
        if count < 100 or count % 100 == 0:
            assert abs(sketch.estimate() - count) <= 1


def test_many_hashes_are_counted_within_two_percent() -> None:
    random, sketch, count = Random(2), Distinct(), 0

    for goal in (1_000, 2_000, 3_000, 5_000, 10_000, 30_000, 100_000, 300_000, 1_000_000):
        for _ in range(goal - count):
            sketch.add_hash(random.getrandbits(64))
        count = goal
        assert sketch.estimate() == pytest.approx(goal, rel=0.02)


@pytest.mark.parametrize("count", [3_000, 20_000])
def test_the_typical_error_of_many_hashes_is_below_one_percent(count: int) -> None:
    random = Random(count)
    sketches = [distinct_of([random.getrandbits(64) for _ in range(count)]) for _ in range(20)]

    squares = [(sketch.estimate() / count - 1) ** 2 for sketch in sketches]

    assert math.sqrt(sum(squares) / len(squares)) <= 0.009


def test_a_hash_counts_once() -> None:
    for count in (10, 5_000):
        once, often = distinct_of(HASHES[:count]), distinct_of(HASHES[:count] * 2)

        often.merge(often)

        assert once == often


@settings(max_examples=25)
@given(slices_of_hashes, slices_of_hashes, slices_of_hashes)
def test_distinct_counts_merge_in_any_order_to_what_adding_all_gives(
    one: list[int], other: list[int], third: list[int]
) -> None:
    first, second, last = map(distinct_of, (one, other, third))
    everything = distinct_of(one + other + third).to_bytes()

    assert merged(first, second).to_bytes() == merged(second, first).to_bytes()
    assert merged(merged(first, second), last).to_bytes() == everything
    assert merged(first, merged(last, second)).to_bytes() == everything
    assert first == distinct_of(one)


@given(contrived_hashes, contrived_hashes)
def test_any_hash_has_its_place_among_few_and_among_many(few: list[int], more: list[int]) -> None:
    """What is kept of a hash while there are few has to become the same register and rank."""
    directly = distinct_of(HASHES[:2_800] + few)
    for value in more:
        directly.add_hash(value)

    assert merged(distinct_of(more + few), distinct_of(HASHES[:2_800])).to_bytes() == directly.to_bytes()


@settings(max_examples=25)
@given(slices_of_hashes, contrived_hashes)
def test_a_distinct_count_survives_as_bytes_and_goes_on(before: list[int], after: list[int]) -> None:
    sketch = distinct_of(before)

    again = Distinct.from_bytes(sketch.to_bytes())

    assert again == sketch
    assert again.estimate() == sketch.estimate()
    for value in [*after, *before[:3]]:
        again.add_hash(value)
    assert again.to_bytes() == distinct_of(before + after).to_bytes()


@pytest.mark.parametrize("rank", [1, 15, 16, 20, 36, 37, 50, 51])
def test_registers_of_any_height_survive_as_bytes(rank: int) -> None:
    sketch = distinct_of([*(register << 50 | 1 << 50 >> rank for register in range(2**14)), 0, 1, 2**40])

    again = Distinct.from_bytes(sketch.to_bytes())

    assert again == sketch
    assert again.estimate() == sketch.estimate() > 10_000


def test_entries_take_three_bytes_until_registers_are_shorter() -> None:
    assert [len(distinct_of(HASHES[:count]).to_bytes()) for count in (0, 1, 20)] == [1, 4, 61]
    assert max(len(distinct_of(HASHES[:count]).to_bytes()) for count in (2_731, 2_732, 6_000)) <= 8_200


def test_a_negative_hash_is_its_lowest_64_bits() -> None:
    """Databases keep 64 bits as a signed integer."""
    for filling in ([], HASHES):
        assert distinct_of([*filling, -1, -(2**40)]) == distinct_of([*filling, 2**64 - 1, 2**64 - 2**40])


def test_a_text_has_one_hash_everywhere() -> None:
    assert hash64("") == 16476032584258269876
    assert hash64("user-1") == 11145382709976293768
    assert hash64("half a pair \ud800") != hash64("half a pair \udfff")
    assert distinct_of([hash64(f"user-{number}") for number in range(1_000)]).estimate() == 1_000


def test_the_formats_stay_as_they_are() -> None:
    quantiles = quantiles_of([0, 1, 1, 1_500_000_000, -3])
    distinct = distinct_of([1, 2**63, 0x123456789ABCDEF0])

    assert quantiles.to_bytes().hex() == "1198cd08743801cd042101010201"
    assert distinct.to_bytes().hex() == "210000a812342b8000a9"


def test_a_sketch_equals_nothing_else_and_is_no_key() -> None:
    assert Quantiles() != Distinct()
    assert Distinct() != Quantiles()
    for sketch in (Quantiles(), Distinct()):
        with pytest.raises(TypeError, match="unhashable"):
            hash(sketch)


def test_an_unknown_version_is_refused_and_no_sketch_taken_for_another() -> None:
    for sketch in (quantiles_of([1, 2]), distinct_of([1, 2]), distinct_of(HASHES)):
        whole = sketch.to_bytes()
        known = {0x11} if isinstance(sketch, Quantiles) else {0x21, 0x31}
        for version in set(range(256)) - known:
            with pytest.raises(ValueError, match="known version"):
                type(sketch).from_bytes(bytes([version]) + whole[1:])


def test_a_part_of_quantiles_is_refused() -> None:
    whole = quantiles_of([0, 5, 70, 900, 10**9]).to_bytes()

    for length in range(len(whole)):
        with pytest.raises(ValueError, match="quantile sketch"):
            Quantiles.from_bytes(whole[:length])
    with pytest.raises(ValueError, match="damaged"):
        Quantiles.from_bytes(whole + b"\0")


IMPOSSIBLE = "[2300] [2300,1,1] [2300,0] [0,1] [2300,0,1,1] [2300,-5,1,1] [9000,1] [2300,1e18,1,1] [2300,1.5]"


@pytest.mark.parametrize("damaged", [*IMPOSSIBLE.split(), "[2300,null]", '[2300,"1"]', '{"2300":1}', "7"])
def test_quantiles_with_impossible_bins_are_refused(damaged: str) -> None:
    with pytest.raises(ValueError, match="damaged"):
        Quantiles.from_bytes(b"\x11" + msgspec.msgpack.encode(json.loads(damaged)))


def test_a_part_of_a_distinct_count_is_refused() -> None:
    sparse = distinct_of(HASHES[:3]).to_bytes()
    dense = distinct_of(HASHES).to_bytes()

    for part in (b"", sparse[:-1], sparse[:-2], sparse + b"\1", dense[:1], dense[:2], dense[:-100]):
        with pytest.raises(ValueError, match="distinct sketch"):
            Distinct.from_bytes(part)


@pytest.mark.parametrize(
    "damaged",
    [
        b"\x21" + b"\1\1\0",
        b"\x21" + b"\1\1\xaa",
        b"\x21" + b"\1\1\1" * 2_732,
        b"\x31\x25" + bytes(8_192),
        b"\x31\x00" + bytes(8_192) + b"\x0f",
        b"\x31\x00" + b"\x0f" + bytes(8_191),
        b"\x31\x00" + b"\x0f" + bytes(8_191) + b"\x0e",
        b"\x31\x00" + b"\x0f" + bytes(8_191) + b"\x34",
    ],
    ids=["no rank", "rank", "entries", "base", "stray rank", "lost rank", "low rank", "high rank"],
)
def test_a_distinct_count_with_impossible_entries_or_registers_is_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        Distinct.from_bytes(damaged)


@given(many_integers, st.binary(max_size=60), st.integers(1, 100))
def test_damaged_quantiles_are_refused_or_still_work(values: list[int], noise: bytes, place: int) -> None:
    whole = quantiles_of(values).to_bytes()
    for damaged in (whole[:place] + noise + whole[place + len(noise) :], b"\x11" + noise):
        try:
            sketch = Quantiles.from_bytes(damaged)
        except ValueError:
            continue
        sketch.add(1)
        assert sketch.quantile(0.5) is not None
        assert Quantiles.from_bytes(sketch.to_bytes()) == sketch


@settings(max_examples=40)
@given(st.sampled_from([0, 20, 6_000]), st.binary(max_size=60), st.integers(1, 8_200))
def test_damaged_distinct_counts_are_refused_or_still_work(count: int, noise: bytes, place: int) -> None:
    whole = distinct_of(HASHES[:count]).to_bytes()
    place %= len(whole)
    for damaged in (whole[:place] + noise + whole[place + len(noise) :], b"\x21" + noise):
        try:
            sketch = Distinct.from_bytes(damaged)
        except ValueError:
            continue
        sketch.merge(distinct_of(HASHES[:10]))
        assert sketch.estimate() >= 9
        assert Distinct.from_bytes(sketch.to_bytes()) == sketch


def test_registers_that_nothing_touched_count_nothing() -> None:
    """No sketch is stored like this, but damage may make one."""
    assert Distinct.from_bytes(b"\x31\x00" + bytes(8_192)).estimate() == 0
