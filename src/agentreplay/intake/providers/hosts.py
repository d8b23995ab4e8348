"""Whose model answers at an address: the provider's name, from the host."""

import re

from agentreplay.intake.providers.wire import text

__all__ = ["path", "provider", "unquoted"]

_address = re.compile(r"(?:[\w+.-]+:)?//(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#]*)(?::\d*)?([^?#]*)").match

_escapes = re.compile("(?:%[0-9A-Fa-f]{2})+").sub

_PROVIDERS = {
    "openai.com": "openai",
    "openai.azure.com": "azure.ai.openai",
    "cognitiveservices.azure.com": "azure.ai.openai",
    "services.ai.azure.com": "azure.ai.inference",
    "models.ai.azure.com": "azure.ai.inference",
    "models.inference.ai.azure.com": "azure.ai.inference",
    "amazonaws.com": "aws.bedrock",
    "anthropic.com": "anthropic",
    "api.cerebras.ai": "cerebras",
    "api.cohere.ai": "cohere",
    "api.cohere.com": "cohere",
    "api.deepseek.com": "deepseek",
    "api.fireworks.ai": "fireworks",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "aiplatform.googleapis.com": "gcp.vertex_ai",
    "api.groq.com": "groq",
    "huggingface.co": "huggingface",
    "endpoints.huggingface.cloud": "huggingface",
    "mistral.ai": "mistral_ai",
    "api.moonshot.ai": "moonshot_ai",
    "api.moonshot.cn": "moonshot_ai",
    "ollama.com": "ollama",
    "openrouter.ai": "openrouter",
    "api.perplexity.ai": "perplexity",
    "api.together.ai": "together",
    "api.together.xyz": "together",
    "api.voyageai.com": "voyageai",
    "api.x.ai": "x_ai",
}


def provider(url: str, otherwise: str) -> str:
    """Who answers at this address; `otherwise` where the host tells nothing, such as a machine of one's own."""
    match = _address(url)
    host = text(match and match[1]).lower().rstrip(".")
    while host:
        if host in _PROVIDERS:
            return _PROVIDERS[host]
        host = host.partition(".")[2]
        # Vertex AI puts the region before a hyphen: europe-west1-aiplatform.googleapis.com.
        if host == "googleapis.com" and "-aiplatform." in url:
            return "gcp.vertex_ai"
    return otherwise


def path(url: str) -> str:
    """The path of an address, without a slash at its end."""
    match = _address(url)
    return (match[2] if match else url.partition("?")[0]).rstrip("/")


def unquoted(part: str) -> str:
    """A part of a path with its percent signs resolved, as the names of models stand in it."""
    return _escapes(lambda match: bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace"), part)
