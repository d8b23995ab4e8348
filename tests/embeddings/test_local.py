"""The local model makes what PyTorch makes of the same weights."""

import threading
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from agentreplay.embeddings.local import LocalEmbedder, _batches
from agentreplay.embeddings.wordpiece import WordPieces
from tests.embeddings.reference import MODEL, needs_model, references


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder("local/all-minilm-l6-v2", MODEL)


@needs_model
@pytest.mark.slow
def test_tokens_are_those_of_the_reference() -> None:
    pieces = WordPieces.read(MODEL / "vocab.txt")

    assert [pieces.ids(one.text, 256) for one in references()] == [one.tokens for one in references()]


@needs_model
@pytest.mark.slow
def test_vectors_are_those_of_the_reference(embedder: LocalEmbedder) -> None:
    """Of many lengths at once, so that filling up is seen to change nothing."""
    known = references()

    made = embedder.embed([one.text for one in known], "passage")

    assert made.shape == (len(known), 384)
    assert np.abs(made - np.array([one.vector for one in known])).max() < 1e-5
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-6)


@needs_model
@pytest.mark.slow
def test_no_texts_make_no_vectors(embedder: LocalEmbedder) -> None:
    assert embedder.embed([], "query").shape == (0, 384)


@needs_model
@pytest.mark.slow
def test_a_hundred_short_texts_take_no_second_of_a_processor(embedder: LocalEmbedder) -> None:
    """Measured as the time of this thread alone: others may keep the machine busy."""
    texts = [f"Order {number} ships on Friday, if the depot answers" for number in range(100)]
    embedder.embed(texts, "passage")

    spent: list[float] = []
    for _ in range(3):
        begun = time.process_time()
        embedder.embed(texts, "passage")
        spent.append(time.process_time() - begun)

    assert min(spent) < 2


@needs_model
@pytest.mark.slow
def test_threads_share_it(embedder: LocalEmbedder) -> None:
    made: list[NDArray[np.float32]] = []
    threads = [threading.Thread(target=lambda: made.append(embedder.embed(["a", "b c d"], "query"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 3
    assert all(np.array_equal(one, made[0]) for one in made)


def test_texts_of_like_length_are_worked_on_together_and_not_too_many_at_once() -> None:
    lengths = [256, 3, 200, 4, 3, 256, 256, *[5] * 1_000]

    batches = _batches(lengths)

    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[place] for place in batch) <= 2_048 for batch in batches)
    assert _batches([]) == []
