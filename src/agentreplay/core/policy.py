"""What may be kept in a project (everything, all but secrets, only the structure), and the redactor that sees to it.

The policies of projects stand in a small file in the data folder, a line `project = policy` each. A program that
records reads it when a session begins, and such a program never opens the database.
"""

from functools import lru_cache
from pathlib import Path

from agentreplay.core.redact import Redactor, Rule, read_rules
from agentreplay.core.redact_known import Known
from agentreplay.errors import ValueInvalid
from agentreplay.folders import make_private
from agentreplay.model.ids import ProjectId, check_name
from agentreplay.settings import CONTENT_POLICIES, ContentPolicy, Settings

__all__ = ["FILE", "choose_policy", "policy_named", "policy_of", "read_policies", "redactor_of"]

FILE = "policies"
"""The name of the file, in the data folder."""


_BY_NAME: dict[str, ContentPolicy] = {policy: policy for policy in CONTENT_POLICIES}


def policy_named(name: str) -> ContentPolicy | None:
    """The policy of that name, if there is one."""
    return _BY_NAME.get(name)


def read_policies(folder: Path) -> dict[ProjectId, ContentPolicy]:
    """The policies of the projects that have one of their own. Raises ValueInvalid where a line makes no sense."""
    path = folder / FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ValueInvalid(what=f"the file of policies {str(path)!r}", problem=str(error)) from error
    policies: dict[ProjectId, ContentPolicy] = {}
    for number, line in enumerate(lines, 1):
        project, _, policy = (part.strip() for part in line.rpartition("="))
        if not line.strip() or line.startswith("#"):
            continue
        chosen = policy_named(policy)
        if not project or chosen is None:
            problem = f"line {number} does not read `project = policy`, with {', '.join(CONTENT_POLICIES)} for a policy"
            raise ValueInvalid(what=f"the file of policies {str(path)!r}", problem=problem)
        policies[ProjectId(project)] = chosen
    return policies


def choose_policy(folder: Path, project: ProjectId, policy: ContentPolicy | None) -> None:
    """Give a project a policy of its own, or with None the one of all the others. What is stored stays as it is."""
    check_name(project, "the project")
    if project != project.strip() or project.startswith("#"):
        raise ValueInvalid(
            what="the project", problem=f"{project!r} cannot have a policy of its own in a file of lines"
        )
    policies = read_policies(folder)
    policies.pop(project, None)
    if policy is not None:
        policies[project] = policy
    make_private(folder)
    draft = folder / f"{FILE}.new"
    draft.write_text("".join(f"{name} = {chosen}\n" for name, chosen in sorted(policies.items())), encoding="utf-8")
    draft.replace(folder / FILE)


def policy_of(settings: Settings, project: str) -> ContentPolicy:
    """What may be kept in the project: what its own policy says, else what the settings say for all."""
    return read_policies(settings.db_path).get(ProjectId(project), settings.content)


def redactor_of(settings: Settings, salt: bytes, policy: ContentPolicy) -> Redactor:
    """A redactor with the rules of the settings. Raises ValueInvalid when they cannot be read."""
    rules = read_rules(settings.redact) if settings.redact else ()
    return Redactor(policy, rules, salt, _known(policy, rules))


@lru_cache(16)
def _known(policy: ContentPolicy, rules: tuple[Rule, ...]) -> Known:  # noqa: ARG001  # each combination has one
    """What redactors of this kind found clean in this process."""
    return Known()
