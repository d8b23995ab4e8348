"""How well the corpus compresses, and whether it flatters a dictionary more than real sessions do.

Text made by a machine can be easier on a compressor than real text. Alone, a payload must compress like a
real one. And a dictionary trained on half of the payloads must not help with the other half more than one
trained on half of the real passages helps with the rest of those. Nor must several payloads, compressed as one,
gain more than real passages do that stand one behind the other.
"""

from random import Random
from statistics import mean

from agentreplay.contents.compression import compress
from benchmarks.figures import Report
from benchmarks.packing import LEVEL, packed_size, zstd
from benchmarks.prose import real_passages
from benchmarks.source import message_of

__all__ = ["report_compressing"]

_SIZE = 1_500
_DICTIONARY = 65_536
_ROUNDS = 8
_NEIGHBOURS = 12
"""About so many are a block of the store."""


def report_compressing(samples: list[bytes], report: Report) -> None:
    """Report what zstd makes of contents of the corpus, and of real passages."""
    typical = [sample for sample in samples if 0.8 * _SIZE < len(sample) < 1.2 * _SIZE]
    real = _real_messages()
    report.add("corpus.zstd_ratio", _ratio(typical), "packed/given")
    report.add("corpus.zstd_ratio.real", _ratio(real), "packed/given")
    report.add("corpus.zstd_ratio.all_sizes", _ratio(samples), "packed/given")
    report.add("corpus.trained_dictionary", _trained(typical, len(real)), "x alone")
    report.add("corpus.trained_dictionary.real", _trained(real, len(real)), "x alone")
    report.add("corpus.trained_dictionary.on_all", _trained(typical, len(typical)), "x alone")
    report.add("corpus.in_blocks", _in_blocks(typical), "x alone")
    report.add("corpus.in_blocks.real", _in_blocks(real), "x alone")


def _real_messages() -> list[bytes]:
    """Real passages one behind the other, cut into messages of the usual size."""
    text = "\n".join(real_passages())
    cut = [text[start : start + _SIZE - 100] for start in range(0, len(text) - _SIZE, _SIZE - 100)]
    return [message_of("tool", piece).data for piece in cut]


def _ratio(samples: list[bytes]) -> float:
    return _alone(samples) / sum(map(len, samples))


def _alone(samples: list[bytes]) -> int:
    return sum(map(packed_size, samples))


def _in_blocks(samples: list[bytes]) -> float:
    """What the product makes of them, several at a time."""
    blocks = [b"".join(samples[start : start + _NEIGHBOURS]) for start in range(0, len(samples), _NEIGHBOURS)]
    return sum(len(compress(block)[1]) for block in blocks) / _alone(samples)


def _trained(samples: list[bytes], count: int) -> float:
    """With a dictionary trained on half of so many samples, what the other half takes, as against without."""
    random = Random("halves")
    factors = []
    for _ in range(_ROUNDS):
        drawn = random.sample(samples, min(count, len(samples)))
        half = len(drawn) // 2
        dictionary = zstd.train_dict(drawn[:half], _DICTIONARY)
        compressor = zstd.ZstdCompressor(level=LEVEL, zstd_dict=dictionary)
        packed = sum(len(compressor.compress(rest, compressor.FLUSH_FRAME)) for rest in drawn[half:])
        factors.append(packed / _alone(drawn[half:]))
    return mean(factors)
