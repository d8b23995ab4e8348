/** Two sessions side by side, call by call: where they part, and what differs. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowLeftRight } from "lucide-react";
import { useMemo } from "react";

import { get } from "@/api/client";
import type { Comparison, Session } from "@/api/types";
import { useShortcuts } from "@/app/shortcuts";
import { Detail, VIEWS, type View } from "@/compare/detail";
import { Pairs } from "@/compare/pairs";
import { Picker } from "@/compare/picker";
import { counted, nextDifference, parting } from "@/compare/walk";
import { Button } from "@/design/button";
import { Check } from "@/design/check";
import { Failed, Loading, Quiet } from "@/design/quiet";
import { Tooltip } from "@/design/tooltip";

type Change = Record<string, string | number | undefined>;

export function Compare() {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const change = (changed: Change) =>
    void navigate({ to: "/compare", search: (before) => ({ ...before, ...changed }), replace: true });
  const [before, after] = [textOf(search.before), textOf(search.after)];
  const project = textOf(search.project);
  const [one, other] = [useSession(before, project), useSession(after, project)];
  const swap = () => change({ before: after, after: before, at: undefined });
  useShortcuts([{ keys: "x", does: "Swap both sessions", group: "Compare", run: swap }]);

  const choose = (side: "before" | "after") => (session: Session) =>
    change({ [side]: session.id, project: session.project, at: undefined });
  const isWhole = before !== undefined && after !== undefined;
  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-2 border-b px-4 py-2">
        <h1 className="mr-2 text-lg font-medium">Compare</h1>
        <Picker label="Before" project={project} chosen={one.data} other={other.data} choose={choose("before")} />
        <Tooltip label="Swap both sessions" keys="x">
          <Button look="bare" aria-label="Swap both sessions" disabled={!isWhole} onClick={swap}>
            <ArrowLeftRight aria-hidden className="size-4" />
          </Button>
        </Tooltip>
        <Picker label="After" project={project} chosen={other.data} other={one.data} choose={choose("after")} />
      </header>
      {isWhole ? (
        <Comparing before={before} after={after} project={project} search={search} change={change} />
      ) : (
        <Quiet title="Choose two sessions">
          <p>Their calls are aligned, and the first that differs is marked. A session and its fork are a good start.</p>
        </Quiet>
      )}
    </div>
  );
}

interface ComparingProps {
  before: string;
  after: string;
  project: string | undefined;
  search: Record<string, unknown>;
  change: (changed: Change) => void;
}

function Comparing({ before, after, project, search, change }: ComparingProps) {
  const comparison = useQuery({
    queryKey: ["compare", project, before, after],
    queryFn: ({ signal }) => get<Comparison>("/compare", { project, before, after }, signal),
  });
  const items = useMemo(() => comparison.data?.items ?? [], [comparison.data]);
  const parted = parting(items);
  const isAll = search.only !== "differences";
  const at = Math.min(Number(search.at ?? Math.max(parted, 0)) || 0, Math.max(items.length - 1, 0));
  const view = VIEWS.find((name) => name === search.view) ?? "differences";
  const shown = useMemo(
    () => items.flatMap((item, place) => (isAll || item.kind !== "same" ? [place] : [])),
    [items, isAll],
  );
  const step = (by: 1 | -1) => change({ at: shown[shown.indexOf(at) + by] ?? at });
  const look = (to: View) => change({ view: to });
  useShortcuts([
    { keys: "n", does: "Next difference", group: "Compare", run: () => change({ at: nextDifference(items, at, 1) }) },
    {
      keys: "p",
      does: "Previous difference",
      group: "Compare",
      run: () => change({ at: nextDifference(items, at, -1) }),
    },
    { keys: "j", does: "Next call", group: "Compare", run: () => step(1) },
    { keys: "k", does: "Previous call", group: "Compare", run: () => step(-1) },
    {
      keys: "o",
      does: "All calls, or only differences",
      group: "Compare",
      run: () => change({ only: isAll ? "differences" : undefined }),
    },
    ...VIEWS.map((name, place) => ({
      keys: String(place + 1),
      does: `Show ${name === "differences" ? name : `both ${name}s`}`,
      group: "Compare",
      run: () => look(name),
    })),
  ]);

  if (comparison.isPending) return <Loading what="Comparing" />;
  if (comparison.isError) return <Failed error={comparison.error} retry={() => void comparison.refetch()} />;
  if (items.length === 0) {
    return (
      <Quiet title="Neither session made a call">
        <p>Only calls that were recorded at the boundary of the program can be compared.</p>
      </Quiet>
    );
  }
  const item = items[at];
  return (
    <>
      <Verdict comparison={comparison.data} isAll={isAll} change={change} />
      <div className="grid min-h-0 grow grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,2fr)_minmax(0,3fr)] lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)] lg:grid-rows-[minmax(0,1fr)]">
        <div className="flex min-h-0 flex-col">
          <Pairs items={items} shown={shown} at={at} parted={parted} choose={(place) => change({ at: place })} />
        </div>
        {item && <Detail item={item} project={project} view={view} look={look} />}
      </div>
    </>
  );
}

function Verdict(props: { comparison: Comparison; isAll: boolean; change: (changed: Change) => void }) {
  const { comparison, isAll, change } = props;
  const { same, changed, removed, added } = counted(comparison.items);
  const told = [
    `${same} the same`,
    ...(changed ? [`${changed} changed`] : []),
    ...(removed ? [`${removed} only before`] : []),
    ...(added ? [`${added} only after`] : []),
  ];
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b bg-raised px-4 py-1.5">
      <p role="status">
        {comparison.same ? <strong className="font-medium text-good">Both are the same. </strong> : ""}
        {told.join(" · ")}
      </p>
      {comparison.outputs.length > 0 && (
        <p className="text-warn">The programs differ in {comparison.outputs.map(outputName).join(", ")}</p>
      )}
      <div className="ml-auto">
        <Check
          label="Only differences"
          isOn={!isAll}
          turn={(isOn) => change({ only: isOn ? "differences" : undefined })}
        />
      </div>
    </div>
  );
}

function outputName(name: string): string {
  return { exit_code: "the exit code", returned: "what they returned" }[name] ?? name;
}

function useSession(id: string | undefined, project: string | undefined) {
  return useQuery({
    queryKey: ["session", project, id],
    queryFn: ({ signal }) => get<Session>(`/sessions/${encodeURIComponent(id ?? "")}`, { project }, signal),
    enabled: id !== undefined,
  });
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === "" ? undefined : String(value);
}
