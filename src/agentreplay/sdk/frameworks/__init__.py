"""The frameworks, one small file each: who did what within what, as the framework itself tells it.

A framework is a module with one function `install(patches, library)`, like a seam, over the official hook of its
framework. It gives the recording its shape: agents, steps, tools, hand-offs. The calls themselves, with models and all
else outside the program, are those of the seams below, which stand inside these spans; so nothing is told twice, and
what is replayed does not depend on a framework.
"""

__all__ = ["FRAMEWORKS"]

FRAMEWORKS = {
    "agents.tool": "openai_agents",
    "agents.tracing": "openai_agents",
    "agno.agent": "agno",
    "agno.team": "agno",
    "autogen_core.tools": "autogen",
    "claude_agent_sdk._internal.query": "claude_agent_sdk",
    "crewai.events.event_bus": "crewai",
    "crewai.tools.base_tool": "crewai",
    "dspy": "dspy",
    "google.adk.tools.function_tool": "google_adk",
    "haystack.tools.tool": "haystack",
    "haystack.tracing.tracer": "haystack",
    "instructor": "instructor",
    "langchain_core.tools.simple": "langchain",
    "langchain_core.tools.structured": "langchain",
    "langchain_core.tracers.context": "langchain",
    "llama_index.core.instrumentation": "llama_index",
    "llama_index.core.tools.function_tool": "llama_index",
    "opentelemetry.sdk.trace": "tracers",
    "opentelemetry.trace": "tracers",
    "pydantic_ai": "pydantic_ai",
    "pydantic_ai.toolsets.function": "pydantic_ai",
    "semantic_kernel.agents": "semantic_kernel",
    "smolagents": "smolagents",
    "strands.tools.decorator": "strands",
}
"""By the module whose import makes the hook possible."""
