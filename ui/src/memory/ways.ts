/** How one begins to remember: commands that write to the data folder of this server, where it tells of it. */

import type { Health } from "@/api/types";
import { programOf, quoted, type Way } from "@/app/commands";

export function waysToRemember(health: Health | undefined, project: string | undefined): Way[] {
  const program = `${programOf(health)}${project === undefined ? "" : ` --project ${quoted(project)}`}`;
  // What JSON takes for a text, Python takes for the same.
  const given = [
    health ? `db_path=${JSON.stringify(health.examination.folder)}` : "",
    project === undefined ? "" : `project=${JSON.stringify(project)}`,
  ].filter(Boolean);
  return [
    {
      title: "Say something",
      what: "One thing to remember, or all that documents say.",
      commands: [
        {
          label: "remember",
          text: `${program} memory add "Deploys wait for the nightly tests"\n${program} memory ingest README.md docs`,
        },
      ],
    },
    {
      title: "From a program",
      what: "No server is needed. Within a recording each use is a call, so that a replay finds the same.",
      commands: [
        {
          label: "a program that remembers",
          text: `from agentreplay import Memory\n\nwith Memory(${given.join(", ")}) as memory:\n    memory.add("The staging server is called Ada")`,
        },
      ],
    },
    {
      title: "From a coding agent",
      what: "Over MCP it is given the tools remember, recall and forget.",
      commands: [{ label: "memory over MCP", text: `claude mcp add agentreplay -- ${program} mcp` }],
    },
  ];
}
