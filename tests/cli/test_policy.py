"""`agentreplay policy`: what may be kept in each project is shown and chosen."""

import json

from tests.cli.conftest import Run


def test_a_project_has_the_policy_of_all_until_it_has_one_of_its_own(run: Run) -> None:
    assert run("policy").stderr == "redacted in all projects\n"

    chosen = run("policy", "structure", "--project", "shop")

    assert (chosen.stdout, chosen.stderr) == ("shop = structure\n", "redacted in all other projects\n")
    told = run("--json", "policy", env={"AGENTREPLAY_CONTENT": "full"}).stdout
    assert json.loads(told) == {"default": "full", "projects": {"shop": "structure"}}
    assert run("policy", "default", "--project", "shop").stdout == ""


def test_an_unknown_policy_is_refused(run: Run) -> None:
    refused = run("policy", "everything")

    assert refused.exit_code == 2
    assert "structure" in refused.stderr
