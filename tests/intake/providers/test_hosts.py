"""A host tells whose model answers."""

import pytest

from agentreplay.intake.providers import hosts


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://api.openai.com/v1/chat/completions", "openai"),
        ("https://eu.api.openai.com/v1/responses", "openai"),
        ("https://mine.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", "azure.ai.openai"),
        ("https://api.deepseek.com/chat/completions", "deepseek"),
        ("https://api.mistral.ai/v1/chat/completions", "mistral_ai"),
        ("https://API.X.AI:443/v1/chat/completions", "x_ai"),
        ("https://api.groq.com/openai/v1/chat/completions", "groq"),
        ("https://router.huggingface.co/v1/chat/completions", "huggingface"),
        ("https://x1.us-east-1.aws.endpoints.huggingface.cloud", "huggingface"),
        ("https://openrouter.ai/api/v1/chat/completions", "openrouter"),
        ("https://europe-west1-aiplatform.googleapis.com/v1/x", "gcp.vertex_ai"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "gcp.gemini"),
        ("http://localhost:8000/v1/chat/completions", "mine"),
        ("http://[::1]:8000/v1", "mine"),
        ("https://api.openai.com.example.org/v1", "mine"),
        ("https://notopenai.com/v1", "mine"),
        ("https://api.openai.com@example.org/v1", "mine"),
        ("/v1/chat/completions", "mine"),
        ("", "mine"),
    ],
)
def test_the_host_names_the_provider(url: str, provider: str) -> None:
    assert hosts.provider(url, "mine") == provider


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.org/v1/chat/?a=/b#c", "/v1/chat"),
        ("https://example.org", ""),
        ("http://[::1]:80/a", "/a"),
        ("/v1/chat?x", "/v1/chat"),
    ],
)
def test_a_path_has_no_query_and_no_slash_at_its_end(url: str, path: str) -> None:
    assert hosts.path(url) == path


@pytest.mark.parametrize(
    ("part", "plain"),
    [("v1%3A0", "v1:0"), ("%E2%82%ac", "€"), ("100%", "100%"), ("%zz%2f", "%zz/"), ("%ff", "\ufffd"), ("a b", "a b")],
)
def test_percent_signs_are_resolved(part: str, plain: str) -> None:
    assert hosts.unquoted(part) == plain
