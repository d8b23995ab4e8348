"""Tokens in exclusive buckets, so that they add up, and money in whole nano-dollars."""

from typing import NewType

import msgspec

from agentreplay.errors import ValueInvalid

__all__ = ["NO_USAGE", "NanoDollars", "Usage"]

NanoDollars = NewType("NanoDollars", int)
"""Billionths of a US dollar."""


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What one call or many used. No token is counted in two buckets."""

    input: int = 0
    """Read by the model and not from a cache."""
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    """Written by the model and seen by the caller."""
    reasoning: int = 0
    audio_in: int = 0
    audio_out: int = 0
    image_in: int = 0
    image_out: int = 0

    def __post_init__(self) -> None:
        # There is no upper bound here, because this also holds sums: a Span bounds what one call can have used.
        # It runs for every call read back, hence one comparison: all together are negative if one of them is.
        if (
            self.input | self.cache_read | self.cache_write_5m | self.cache_write_1h | self.output
            | self.reasoning | self.audio_in | self.audio_out | self.image_in | self.image_out
        ) < 0:  # fmt: skip
            name = next(name for name in self.__struct_fields__ if getattr(self, name) < 0)
            raise ValueInvalid(what=f"the token count {name!r}", problem=f"{getattr(self, name)} is out of range")

    @property
    def counts(self) -> tuple[int, ...]:
        """All buckets, in the order of the fields."""
        return msgspec.structs.astuple(self)

    @property
    def total(self) -> int:
        """All tokens together."""
        return sum(msgspec.structs.astuple(self))

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})


NO_USAGE = Usage()
