"""The stem of an English word, so that *deploys* finds *deployed*; and the words that say nothing by themselves.

Stems are those of Porter's algorithm of 1980, with the two endings its author added later. A word with a digit is a
name and stays as it is, and so does one of an alphabet that is spelled in numbers.
"""

from functools import lru_cache

__all__ = ["STOP_WORDS", "stem"]

STOP_WORDS = frozenset(
    "a am an and any are as at be been being but by can could did do does for from had has have he her his how i if in"
    " into is it its may me might must my of on or our shall she should so such than that the their them then there"
    " these they this those to up us was we were what when where which while who whom whose why will with would you"
    " your".split()
)
"""Words of grammar. *not* and *no* are left in, for they turn what is said round."""

_SHORTEST, _LONGEST = 3, 64
_VOWELS = "aeiou"
_REMEMBERED = 65_536
_Endings = tuple[tuple[str, str], ...]

_NOUNS: _Endings = (
    ("ational", "ate"),
    ("ization", "ize"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("tional", "tion"),
    ("biliti", "ble"),
    ("entli", "ent"),
    ("ousli", "ous"),
    ("ation", "ate"),
    ("alism", "al"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("logi", "log"),
    ("alli", "al"),
    ("ator", "ate"),
    ("bli", "ble"),
    ("eli", "e"),
)
_QUALITIES: _Endings = (
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ness", ""),
    ("ful", ""),
)
_LAST = (
    *("ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "sion", "tion", "ism", "ate", "iti", "ous"),
    *("ive", "ize", "al", "er", "ic", "ou"),
)


@lru_cache(_REMEMBERED)
def stem(word: str) -> str:
    """What is left of a word, in lower case, without its endings; words that mean alike often share it."""
    if not _SHORTEST <= len(word) <= _LONGEST or not (word.isascii() and word.isalpha()):
        return word
    word = _without_tense(_without_plural(word))
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = word[:-1] + "i"
    word = _replaced(_replaced(word, _NOUNS), _QUALITIES)
    return _without_e(_without_last(word))


def _without_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_tense(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) else word
    for ending in ("ed", "ing"):
        rest = word.removesuffix(ending)
        if rest != word:
            return _mended(rest) if "v" in _shape(rest) else word
    return word


def _mended(rest: str) -> str:
    """What a tense was taken from, as it is written without one: *hopp* is *hop*, *fil* is *file*."""
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    is_doubled = rest[-1:] == rest[-2:-1] and _shape(rest).endswith("c")
    if is_doubled and not rest.endswith(("l", "s", "z")):
        return rest[:-1]
    return rest + "e" if _measure(rest) == 1 and _is_short(rest) else rest


def _replaced(word: str, endings: _Endings) -> str:
    """The first ending that fits is replaced, where something is left before it."""
    for ending, other in endings:
        rest = word.removesuffix(ending)
        if rest != word:
            return rest + other if _measure(rest) else word
    return word


def _without_last(word: str) -> str:
    for ending in _LAST:
        # Of *sion* and *tion* the first letter is the word's own.
        rest = word.removesuffix(ending[1:] if ending.endswith("ion") else ending)
        if word.endswith(ending):
            return rest if _measure(rest) > 1 else word
    return word


def _without_e(word: str) -> str:
    rest = word.removesuffix("e")
    if rest != word and (_measure(rest) > 1 or (_measure(rest) == 1 and not _is_short(rest))):
        word = rest
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def _is_short(word: str) -> bool:
    """Whether it ends in consonant, vowel, consonant, as *hop* does; of *w*, *x* and *y* that does not count."""
    return _shape(word).endswith("cvc") and not word.endswith(("w", "x", "y"))


def _measure(word: str) -> int:
    """How often vowels are followed by consonants."""
    return _shape(word).count("vc")


def _shape(word: str) -> str:
    """A `v` for each vowel and a `c` for each consonant; a y behind a consonant is a vowel."""
    shape = ""
    for letter in word:
        is_vowel = letter in _VOWELS or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape
