/** What stands on the start page as long as nothing was recorded: three ways to begin. */

import { hasKey } from "@/api/address";
import { Beginning } from "@/app/beginning";
import { programOf } from "@/app/commands";
import { useHealth } from "@/app/health";
import { waysToBegin } from "@/home/begin";

export function First() {
  const health = useHealth();
  if (health.isPending) return null;
  return (
    <Beginning
      title="Record what an agent does"
      about="Then replay it, fork it at any step, and see why it did what it did."
      ways={waysToBegin({ origin: location.origin, program: programOf(health.data), needsKey: hasKey() })}
      awaited={`Waiting for the first span at ${location.host}. It shows up here by itself.`}
    />
  );
}
