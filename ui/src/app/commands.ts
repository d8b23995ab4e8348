/** Commands to copy: as a shell takes them, right for the server that shows them. */

import type { Health } from "@/api/types";

/** A word as a shell takes it for one. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** How a command of ours begins that is to work on the data folder of this server; plain where it tells of none. */
export function programOf(health: Health | undefined): string {
  return health ? `${health.program} --db-path ${quoted(health.examination.folder)}` : "agentreplay";
}

/** One of the ways to begin with something. */
export interface Way {
  title: string;
  what: string;
  commands: readonly { label: string; text: string }[];
}
