"""Programs written with the frameworks people use: all is there, in the right tree, once; and they replay."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from tests.slow.test_programs import PROGRAMS, Desk, python_of, shuffling_models

pytestmark = pytest.mark.slow

TREES = {
    "adk_agent": """
        step invoke_workflow forecaster
          agent forecaster
            llm chat gpt-5-mini
            tool weather
            llm chat gpt-5-mini
        """,
    "langgraph_agent": """
        agent LangGraph
          step model
            llm chat gpt-5-mini
            step tools_condition
          step tools
            tool weather
          step model
            llm chat gpt-5-mini
            step tools_condition
        llm chat gpt-5-mini
        """,
    "llama_index_agent": """
        agent forecaster
          step init_run
          step setup_agent
          step run_agent_step
            llm chat gpt-5-mini
          step parse_agent_output
          step call_tool
            tool weather
          step aggregate_tool_results
          step setup_agent
          step run_agent_step
            llm chat gpt-5-mini
          step parse_agent_output
        """,
    "openai_agent": """
        step Agent workflow
          agent forecaster
            step turn 1
              llm chat gpt-5-mini
              tool weather
            step turn 2
              llm chat gpt-5-mini
        step Agent workflow
          agent forecaster
            step turn 1
              llm chat gpt-5-mini
              tool weather
            step turn 2
              llm chat gpt-5-mini
        """,
    "pydantic_agent": """
        agent forecaster
          llm chat gpt-5-mini
          tool weather
          llm chat gpt-5-mini
        """,
    "smolagents_agent": """
        agent forecaster
          step step 1
            llm chat gpt-5-mini
            tool weather
          step step 2
            llm chat gpt-5-mini
            tool weather
          llm chat gpt-5-mini
        """,
    "strands_agent": """
        agent forecaster
          step execute_event_loop_cycle
            llm chat gpt-5-mini
            tool weather
          step execute_event_loop_cycle
            llm chat gpt-5-mini
        """,
}
ENVIRONMENTS = {
    "adk_agent": "litellm",
    "llama_index_agent": "frameworks",
    "smolagents_agent": "frameworks",
    "strands_agent": "frameworks",
}


@pytest.mark.parametrize("program", sorted(TREES))
def test_all_is_there_in_its_place_once_and_replays(program: str, tmp_path: Path) -> None:
    expected = dedent(TREES[program]).strip().splitlines()
    with shuffling_models() as models:
        desk = Desk(tmp_path / "data", models.url, python_of(ENVIRONMENTS.get(program, "programs")))
        recorded = desk.agentreplay("run", "--", desk.python, str(PROGRAMS / f"{program}.py"))
    session = desk.last_session()
    spans = json.loads(desk.agentreplay("--json", "sessions", "show", session).stdout)["spans"]
    verdict = desk.verdict(session)

    assert recorded.returncode == 0, recorded.stderr.decode()
    assert b"could not record" not in recorded.stderr
    # Above them are the session and the process.
    assert [f"{'  ' * (span['depth'] - 2)}{span['kind']} {span['name']}" for span in spans[2:]] == expected
    assert verdict["status"] == "identical", json.dumps(verdict, indent=1)
    assert verdict["calls"] == verdict["served"] == len([line for line in expected if " chat " in line])
    tools = [span for span in spans if span["kind"] == "tool"]
    assert {span["tool"] for span in tools} == {"weather"}
