/** What stands on the page as long as nothing is remembered: how to begin. */

import { Beginning } from "@/app/beginning";
import { useHealth } from "@/app/health";
import { waysToRemember } from "@/memory/ways";

export function Begin({ project }: { project: string | undefined }) {
  const health = useHealth();
  if (health.isPending) return null;
  return (
    <Beginning
      title={`Nothing is remembered${project ? ` in ${project}` : ""} yet`}
      about="What agents remember across sessions stands here: found by words and by meaning, with where it is from, and as it was at any moment."
      ways={waysToRemember(health.data, project)}
      awaited="Looking for the first of it. It shows up here by itself."
    />
  );
}
