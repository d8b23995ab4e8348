/** Hands sessions to the browser as files: one tape each. */

import { address, hasKey } from "@/api/address";
import { getRaw } from "@/api/client";
import type { Session } from "@/api/types";

/** Browsers take several downloads for one when they come at the same moment. */
const APART = 400;

export async function downloadTape(session: Session): Promise<void> {
  const path = `/sessions/${encodeURIComponent(session.id)}/export`;
  const query = { project: session.project };
  if (!hasKey()) {
    follow(address(path, query), `${session.id}.tape`);
  } else {
    // A link carries no key, so the tape is fetched first.
    const answer = await getRaw(address(path, query).replace("/api/v1", ""));
    const url = URL.createObjectURL(await answer.blob());
    follow(url, `${session.id}.tape`);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
  await new Promise((resolve) => setTimeout(resolve, APART));
}

function follow(href: string, name: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}
