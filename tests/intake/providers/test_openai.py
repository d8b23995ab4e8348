"""Tokens come apart into buckets that add up, and errors into words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentreplay.intake.providers import openai
from agentreplay.model.usage import NO_USAGE, Usage
from agentreplay.model.values import Value

counts = st.integers(0, 1 << 30)


@given(counts, counts, counts, counts, counts, counts)
def test_buckets_add_up(prompt: int, cached: int, stored: int, audio: int, completion: int, thought: int) -> None:
    usage = openai.usage(
        {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": stored, "audio_tokens": audio},
            "completion_tokens_details": {"reasoning_tokens": thought},
        }
    )

    read = usage.input + usage.cache_read + usage.cache_write_5m + usage.audio_in
    assert read == (prompt if cached + stored <= prompt else prompt + cached + stored)
    assert usage.output + usage.reasoning == (completion if thought <= completion else completion + thought)


@given(st.builds(Usage, **dict.fromkeys(Usage.__struct_fields__, counts)), st.sampled_from(["prompt", "input"]))
def test_usage_that_was_told_is_read(usage: Usage, reads: str) -> None:
    told = openai.tell_usage(usage, reads, "completion" if reads == "prompt" else "output")

    read = openai.usage(told)

    written = usage.cache_write_5m + usage.cache_write_1h
    assert read.total == usage.total
    assert read.counts[:2] == usage.counts[:2]
    assert (read.cache_write_5m, read.cache_write_1h) == (written, 0)
    assert read.counts[4:] == usage.counts[4:]


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        (None, NO_USAGE),
        ("many", NO_USAGE),
        (
            {
                "prompt_tokens": 2006,
                "completion_tokens": 300,
                "total_tokens": 2306,
                "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
                "completion_tokens_details": {
                    "reasoning_tokens": 192,
                    "audio_tokens": 0,
                    "accepted_prediction_tokens": 0,
                    "rejected_prediction_tokens": 0,
                },
            },
            Usage(input=86, cache_read=1920, output=108, reasoning=192),
        ),
        (
            # DeepSeek
            {
                "prompt_tokens": 17,
                "completion_tokens": 9,
                "total_tokens": 26,
                "prompt_cache_hit_tokens": 10,
                "prompt_cache_miss_tokens": 7,
            },
            Usage(input=7, cache_read=10, output=9),
        ),
        (
            # Moonshot
            {"prompt_tokens": 19, "completion_tokens": 21, "total_tokens": 40, "cached_tokens": 10},
            Usage(input=9, cache_read=10, output=21),
        ),
        (
            # xAI counts the reasoning beside the completion
            {
                "prompt_tokens": 32,
                "completion_tokens": 9,
                "total_tokens": 135,
                "completion_tokens_details": {"reasoning_tokens": 94},
            },
            Usage(input=32, output=9, reasoning=94),
        ),
        (
            # a response with audio
            {
                "prompt_tokens": 50,
                "completion_tokens": 70,
                "prompt_tokens_details": {"audio_tokens": 40},
                "completion_tokens_details": {"audio_tokens": 60},
            },
            Usage(input=10, audio_in=40, output=10, audio_out=60),
        ),
        ({"input_tokens": 5, "input_tokens_details": {"cached_tokens": 8}}, Usage(input=5, cache_read=8)),
    ],
)
def test_the_usage_of_each_host_is_read(told: Value, usage: Usage) -> None:
    assert openai.usage(told) == usage


@pytest.mark.parametrize(
    ("told", "cost"),
    [
        ({"cost": 0.00014}, 140_000),
        ({"cost": {"total_cost": 0.006}}, 6_000_000),
        ({"cost_in_usd_ticks": 37_756_000}, 3_775_600),
        ({"cost": True}, None),
        ({"cost": -1}, None),
        ({"cost": 1e300}, None),
        ({}, None),
        (None, None),
    ],
)
def test_what_a_provider_says_of_its_price_is_kept(told: Value, cost: int | None) -> None:
    assert openai.cost(told) == cost
