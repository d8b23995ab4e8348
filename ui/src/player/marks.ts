/** Finds which places of the session are marked, and tells the player. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { get } from "@/api/client";
import type { JobPage } from "@/api/types";
import { usePainted } from "@/design/later";
import { useTaken } from "@/player/held/taken";
import type { Which } from "@/player/load";
import { checkpointsOf, divergencesOf, snapshotsOf } from "@/player/model/marks";
import { usePlayer } from "@/player/state";

export function useMarks({ session }: Which): void {
  const recording = usePlayer((state) => state.recording);
  const checkpoint = useMemo(() => (recording ? checkpointsOf(recording) : []), [recording]);
  const isPainted = usePainted();
  const jobs = useQuery({
    queryKey: ["jobs"],
    queryFn: ({ signal }) => get<JobPage>("/jobs", {}, signal),
    retry: false,
    enabled: isPainted,
  });
  const taken = useTaken(session, isPainted);
  const snapshot = useMemo(
    () => (recording ? snapshotsOf(recording, taken.data?.items ?? []) : []),
    [recording, taken.data],
  );
  useEffect(() => {
    const divergence = divergencesOf(jobs.data?.items ?? [], session);
    usePlayer.setState({ marks: { checkpoint, snapshot, divergence } });
  }, [checkpoint, snapshot, jobs.data, session]);
}
