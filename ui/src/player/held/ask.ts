/** What is asked about a session as it was when one of its steps began. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { get, getRaw } from "@/api/client";
import type {
  CheckpointPage,
  CollectionStatistics,
  CollectionStatisticsPage,
  EditedFilePage,
  KeptEntryPage,
  KnownFacts,
  State,
  ToldDifferencePage,
  ToldFactPage,
  ToldRecordDifferencePage,
  ToldTransaction,
  ToldTransactionPage,
  WholeCollection,
  WholeState,
} from "@/api/types";

/** A step of a session. `isOpen`: what is known of it may still grow. */
export interface Step {
  session: string;
  project: string;
  at: number;
  isOpen: boolean;
}

const FOR_GOOD = Number.POSITIVE_INFINITY;
/** More files are not listed; how many there are is said. */
export const MOST_FILES = 2_000;
const MOST_VERSIONS = 200;
/** Of a file so much is shown. */
export const MOST_BYTES = 1 << 20;

/** `keepsLast`: until the answer is there, that of the step before stands in for it, so that nothing jumps or is lost
 * under the hands of whoever moves the cursor. */
function useStep<Answer>(
  step: Step,
  path: string,
  query: Record<string, string | number>,
  { isWanted = true, keepsLast = true } = {},
) {
  return useQuery({
    queryKey: ["held", step.project, step.session, step.at, path, query],
    queryFn: ({ signal }) => get<Answer>(path, { project: step.project, ...query }, signal),
    staleTime: step.isOpen ? 0 : FOR_GOOD,
    enabled: isWanted,
    ...(keepsLast && { placeholderData: keepPreviousData }),
  });
}

export const useHeld = (step: Step) => useStep<State>(step, `/sessions/${step.session}/state`, { at: step.at });

export const useEdits = (step: Step) =>
  useStep<EditedFilePage>(step, `/sessions/${step.session}/edits`, { at: step.at });

/** The files of the workspace; asked for only where some are kept. */
export const useFiles = (step: Step, isKept: boolean) =>
  useStep<KeptEntryPage>(
    step,
    `/sessions/${step.session}/files`,
    { at: step.at, limit: MOST_FILES },
    { isWanted: isKept },
  );

export const useCheckpoints = (step: Step) =>
  useStep<CheckpointPage>({ ...step, at: 0 }, `/sessions/${step.session}/checkpoints`, { limit: 100 });

/** The collections of the session's project. */
export const useMemories = (step: Step) =>
  useStep<CollectionStatisticsPage>({ ...step, at: 0, isOpen: true }, "/memory/collections", {});

type Collection = Pick<CollectionStatistics, "collection" | "owner">;

/** All that a collection held when the step began. */
export const useRemembered = (step: Step, { collection, owner }: Collection) =>
  useStep<WholeCollection>(step, "/memory/whole", { collection, owner, in_session: step.session, step: step.at });

/** What was known otherwise then than when an earlier step began. */
export const useLearned = (step: Step, { collection, owner }: Collection, since: number) =>
  useStep<ToldRecordDifferencePage>(step, "/memory/diff", {
    collection,
    owner,
    earlier: since,
    later: step.at,
    steps_of: step.session,
  });

const named = ({ namespace, agent }: KnownFacts) => ({ namespace, agent });

/** All facts of an agent as they were when the step began. */
export const useWhole = (step: Step, whose: KnownFacts) =>
  useStep<WholeState>(step, "/state", { ...named(whose), in_session: step.session, step: step.at });

/** Which keys hold something else at the later position. */
export const useDifferences = (step: Step, whose: KnownFacts, earlier?: string, later?: string) =>
  useStep<ToldDifferencePage>(
    step,
    "/state/diff",
    { ...named(whose), earlier: earlier ?? "", later: later ?? "" },
    { isWanted: earlier !== undefined && later !== undefined },
  );

/** All versions of a fact, the newest first; those after the step among them. */
export const useHistory = (step: Step, whose: KnownFacts, key: string) =>
  useStep<ToldFactPage>({ ...step, at: 0, isOpen: true }, "/state/history", {
    ...named(whose),
    key,
    limit: MOST_VERSIONS,
  });

/** The transaction that was committed at a position, which knows its author. */
export function useTransaction(step: Step, whose: KnownFacts, position: string) {
  const behind = String(BigInt(position) - 1n);
  const told = useStep<ToldTransactionPage>(
    { ...step, at: 0, isOpen: false },
    "/state/log",
    { ...named(whose), behind, up_to: position, limit: 1 },
    { keepsLast: false },
  );
  return (told.data?.items[0] ?? null) as ToldTransaction | null;
}

/** A content as text, as far as it is shown; null as text where it is none. */
export interface Read {
  text: string | null;
  media: string;
  bytes: number;
}

export function useContent(hash: string) {
  return useQuery({
    queryKey: ["content", hash],
    queryFn: async ({ signal }): Promise<Read> => {
      const answer = await getRaw(`/contents/${hash}`, { range: `bytes=0-${MOST_BYTES - 1}` }, signal);
      const media = answer.headers.get("content-type") ?? "";
      const body = new Uint8Array(await answer.arrayBuffer());
      const all = Number(answer.headers.get("content-range")?.split("/")[1] ?? body.length);
      return { text: textIn(body), media, bytes: all };
    },
    staleTime: FOR_GOOD,
    retry: false,
  });
}

/** The text that bytes are; null where they are something else. A last sign that was cut is left out. */
export function textIn(body: Uint8Array): string | null {
  if (body.includes(0)) return null;
  for (let cut = 0; cut < 4; cut += 1) {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(body.subarray(0, body.length - cut));
    } catch {
      // Perhaps it was cut within a sign.
    }
  }
  return null;
}
