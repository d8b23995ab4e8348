"""Text like that of agents, as much of it as is wanted: the same seed gives the same text.

A second-order Markov chain over words is trained on the passages in `benchmarks/text`. What such a chain
says is a patchwork of the few passages it knows, which a compressor with a trained dictionary would know
by heart. So the text is divided into topics of one to four thousand characters, and each topic puts words of
its own in place of most of the chain's: rare words, identifiers, numbers, hashes and paths. Inside a topic
names come back, and stretches are repeated as code, listings and logs repeat them. `corpus.zstd_ratio` and
the figures next to it compare the outcome with the real passages.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

__all__ = ["Prose", "real_passages"]

_PASSAGES = Path(__file__).parent / "text" / "sessions.jsonl"
_UNIT = re.compile(r"\w+|\W+")
_COMMON_WORDS = 150
_VOCABULARY = 40_000
_LEAP = 0.2
"""How often the chain forgets the word before the last."""
_REPEAT = 0.09
"""How often a stretch of the topic comes again."""
_KEPT = 0.1
_NAMED = 0.15
"""Of the words that are not common, those a topic keeps, and those it replaces by a new name."""
_CHUNK = 65_536


def real_passages() -> list[str]:
    """What real agents and their tools said."""
    lines = _PASSAGES.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


class _Chain:
    """Which unit follows which; a unit is a word, or what stands between two words."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.after_one: dict[str, list[str]] = defaultdict(list)
        self.after_two: dict[tuple[str, str], list[str]] = defaultdict(list)
        count: Counter[str] = Counter()
        for text in texts:
            units = _UNIT.findall(text)
            count.update(unit for unit in units if unit[0].isalnum())
            for first, second in pairwise(units):
                self.after_one[first].append(second)
            for first, second, third in zip(units, units[1:], units[2:], strict=False):
                self.after_two[first, second].append(third)
        self.starts = list(self.after_two)
        self.common = frozenset(word for word, _ in count.most_common(_COMMON_WORDS))
        self.words = _vocabulary([word.lower() for word in count if word.isascii() and word.isalpha()])


def _vocabulary(known: list[str]) -> list[str]:
    """Many more words than the passages have, made of their parts; the first are used most."""
    random = Random("vocabulary")
    parts = [word for word in known if len(word) > 3]
    words = dict.fromkeys(parts)
    while len(words) < _VOCABULARY:
        head, tail = random.choice(parts), random.choice(parts)
        word = head[: random.randrange(2, len(head))] + tail[random.randrange(1, len(tail) - 1) :]
        if 3 < len(word) < 13:
            words[word] = None
    shuffled = list(words)
    random.shuffle(shuffled)
    return shuffled


@cache
def _chain() -> _Chain:
    return _Chain(real_passages())


class _Topic:
    """The words one topic uses instead of the chain's own, and what it said so far."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._words = _chain().words
        self._common = _chain().common
        self._instead: dict[str, str] = {}
        self.said: list[str] = []

    def say(self, unit: str) -> str:
        if not unit[0].isalnum() or unit in self._common:
            return unit
        instead = self._instead.get(unit)
        if instead is None:
            instead = self._instead[unit] = self._replace(unit)
        return instead

    def _replace(self, unit: str) -> str:
        choice = self._random.random()
        if choice < _KEPT:
            return unit
        if choice < _KEPT + _NAMED:
            return self._name()
        if unit.isdigit():
            return str(int(self._random.random() * 10 ** len(unit)))
        word = self._word()
        return word.capitalize() if unit[0].isupper() else word

    def _word(self) -> str:
        """Zipf: the word of rank n comes in proportion to 1 / n."""
        return self._words[int(_VOCABULARY ** self._random.random())]

    def _name(self) -> str:
        choice = self._random.random()
        if choice < 0.2:
            return f"{self._random.getrandbits(self._random.choice((28, 32, 48, 64, 128))):x}"
        if choice < 0.45:
            return str(self._random.randrange(10 ** self._random.randrange(1, 6)))
        if choice < 0.7:
            return f"{self._word()}_{self._word()}"
        if choice < 0.85:
            return self._word().capitalize() + self._word().capitalize()
        return f"src/{self._word()}/{self._word()}_{self._word()}.py"


class Prose:
    """A pool of text, and passages cut out of it at random."""

    def __init__(self, seed: str, characters: int) -> None:
        self._random = Random(seed)
        self._chunks: list[str] = []
        size, parts = 0, []
        while characters > 0:
            topic = self._topic(self._random.randrange(1000, 4000))
            parts.append(topic)
            size += len(topic)
            if size >= min(_CHUNK, characters):
                self._chunks.append("".join(parts))
                characters -= size
                size, parts = 0, []

    def passage(self, length: int) -> str:
        """About as many characters, from the start of a word on."""
        parts = []
        while length > 0:
            chunk = self._chunks[int(self._random.random() * len(self._chunks))]
            room = max(0, len(chunk) - length - 16)
            start = chunk.find(" ", int(self._random.random() * room)) + 1
            part = chunk[start : start + length]
            parts.append(part)
            length -= len(part)
        return "".join(parts)

    def line(self, length: int) -> str:
        """The same on one line, without what JSON would have to escape."""
        return " ".join(re.findall(r"[\w.,:/-]+", self.passage(length * 2)))[:length]

    def _topic(self, length: int) -> str:
        chain, draw = _chain(), self._random.random
        after_one, after_two = chain.after_one, chain.after_two
        topic = _Topic(self._random)
        said, say = topic.said, topic.say
        first, second = self._random.choice(chain.starts)
        while length > 0:
            choice = draw()
            if choice < _REPEAT and len(said) > 30:
                start = max(0, len(said) - 300)
                start += int(draw() * (len(said) - start - 12))
                stretch = said[start : start + 4 + int(draw() * 12)]
                said += stretch
                length -= sum(map(len, stretch))
                continue
            following = None if choice > 1 - _LEAP else after_two.get((first, second))
            following = following or after_one.get(second)
            if not following:
                first, second = self._random.choice(chain.starts)
                continue
            first, second = second, following[int(draw() * len(following))]
            word = say(second)
            said.append(word)
            length -= len(word)
        return "".join(said)
