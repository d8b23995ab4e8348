"""Whose model it was: the names that emitters give to providers, as OpenTelemetry's current ones."""

from functools import lru_cache

__all__ = ["provider_of"]

_NAMES = {
    "amazon": "aws.bedrock",
    "amazon-bedrock": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "aws": "aws.bedrock",
    "aws_bedrock": "aws.bedrock",
    "bedrock": "aws.bedrock",
    "az.ai.inference": "azure.ai.inference",
    "az.ai.openai": "azure.ai.openai",
    "azure": "azure.ai.openai",
    "azure-openai": "azure.ai.openai",
    "azure_openai": "azure.ai.openai",
    "gcp.vertex.agent": "gcp.gemini",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "google.generative-ai": "gcp.gemini",
    "google_genai": "gcp.gemini",
    "google.vertex": "gcp.vertex_ai",
    "google_vertexai": "gcp.vertex_ai",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "moonshot": "moonshot_ai",
    "moonshotai": "moonshot_ai",
    "together_ai": "together",
    "togetherai": "together",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
    "x-ai": "x_ai",
}
_METHODS = (
    "chat",
    "responses",
    "messages",
    "completion",
    "completions",
    "embedding",
    "generative-ai",
    "image",
    "speech",
)
"""The AI SDK adds to a provider's name which of its interfaces is used."""
_NONE = {"langchain", "llamaindex", "llama_index", "crewai", "haystack", "unknown", "none"}
"""Names of frameworks, which some emitters give where a provider belongs."""
_MODELS = {
    "gpt-": "openai",
    "chatgpt-": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "text-embedding-": "openai",
    "claude-": "anthropic",
    "gemini-": "gcp.gemini",
    "mistral-": "mistral_ai",
    "magistral-": "mistral_ai",
    "grok-": "x_ai",
    "deepseek-": "deepseek",
    "command-": "cohere",
    "sonar": "perplexity",
}
"""Whose a model is when nobody says so; only families that one provider alone has given a name to."""


@lru_cache(1_000)
def provider_of(name: str | None, model: str | None) -> str | None:
    """The provider under its one name; where none is told, the one whose model it must be."""
    said = (name or "").strip().lower()
    if said in _NAMES:
        return _NAMES[said]
    head, _, method = said.rpartition(".")
    if head and method in _METHODS:
        said = head
    if said and said not in _NONE:
        return _NAMES.get(said, said)
    known = (model or "").lower()
    return next((vendor for start, vendor in _MODELS.items() if known.startswith(start)), None)
