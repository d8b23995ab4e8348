/** Asks which places of the session are marked, and tells the player. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { get, type Page } from "@/api/client";
import type { JobPage, SpanRow } from "@/api/types";
import type { Which } from "@/player/load";
import { checkpointsOf, divergencesOf } from "@/player/model/marks";
import { usePlayer } from "@/player/state";

const PAGE = 1_000;
/** More checkpoints than anybody steps through. */
const MOST = 10_000;

export function useMarks(which: Which): void {
  const { session, project } = which;
  const recording = usePlayer((state) => state.recording);
  // Checkpoints are spans of no kind of their own: where there are none of those, nothing is asked.
  const customs = useMemo(() => {
    const number = recording?.kind.words.indexOf("custom") ?? -1;
    return number < 0 ? 0 : (recording?.kind.at.reduce((sum, at) => sum + (at === number ? 1 : 0), 0) ?? 0);
  }, [recording]);
  const checkpoints = useQuery({
    queryKey: ["checkpoints", project, session, customs],
    queryFn: ({ signal }) => readCheckpoints(which, signal),
    enabled: customs > 0,
  });
  const jobs = useQuery({
    queryKey: ["jobs"],
    queryFn: ({ signal }) => get<JobPage>("/jobs", {}, signal),
    retry: false,
  });
  useEffect(() => {
    usePlayer.setState({
      marks: {
        checkpoint: checkpointsOf(checkpoints.data ?? []),
        divergence: divergencesOf(jobs.data?.items ?? [], session),
      },
    });
  }, [checkpoints.data, jobs.data, session]);
}

async function readCheckpoints({ session, project }: Which, signal: AbortSignal): Promise<SpanRow[]> {
  const found: SpanRow[] = [];
  let cursor: string | null = null;
  do {
    const q = `session:"${session}" attr.agentreplay.checkpoint:*`;
    const page: Page<SpanRow> = await get("/spans", { q, project, limit: PAGE, cursor }, signal);
    found.push(...page.items);
    cursor = page.next;
  } while (cursor && found.length < MOST);
  return found;
}
