/** How one begins to remember: commands that write to the data folder of this server, where it tells of it. */

import { quoted } from "@/home/begin";

export interface Way {
  title: string;
  what: string;
  text: string;
}

export function waysToRemember(folder: string | null, project: string | undefined): Way[] {
  const program = [
    "agentreplay",
    folder === null ? "" : `--db-path ${quoted(folder)}`,
    project === undefined ? "" : `--project ${quoted(project)}`,
  ]
    .filter(Boolean)
    .join(" ");
  // What JSON takes for a text, Python takes for the same.
  const given = [
    folder === null ? "" : `db_path=${JSON.stringify(folder)}`,
    project === undefined ? "" : `project=${JSON.stringify(project)}`,
  ].filter(Boolean);
  return [
    {
      title: "Say something",
      what: "One thing to remember, or all that documents say.",
      text: `${program} memory add "Deploys wait for the nightly tests"\n${program} memory ingest README.md docs`,
    },
    {
      title: "From a program",
      what: "No server is needed. Within a recording each use is a call, so that a replay finds the same.",
      text: `from agentreplay import Memory\n\nwith Memory(${given.join(", ")}) as memory:\n    memory.add("The staging server is called Ada")`,
    },
    {
      title: "From a coding agent",
      what: "Over MCP it is given the tools remember, recall and forget.",
      text: `claude mcp add agentreplay -- ${program} mcp`,
    },
  ];
}
