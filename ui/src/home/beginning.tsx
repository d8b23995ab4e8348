/** What stands on the start page as long as nothing was recorded: three ways to begin. */

import { useQuery } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";

import { hasKey } from "@/api/address";
import { get } from "@/api/client";
import type { Health } from "@/api/types";
import { CommandLine } from "@/design/command";
import { waysToBegin } from "@/home/begin";

export function Beginning() {
  const storage = useQuery({
    queryKey: ["storage"],
    queryFn: ({ signal }) => get<Health>("/storage", {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (storage.isPending) return null;
  const folder = storage.data?.examination.folder ?? null;
  const ways = waysToBegin({ origin: location.origin, folder, needsKey: hasKey() });
  return (
    <div className="mx-auto flex max-w-6xl flex-col gap-6 p-6 pt-[8vh]">
      <header>
        <h1 className="text-2xl font-medium">Record what an agent does</h1>
        <p className="mt-1 text-lg text-ink-soft">
          Then replay it, fork it at any step, and see why it did what it did.
        </p>
      </header>
      <ol className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,2fr)_minmax(0,3fr)]">
        {ways.map(({ title, what, commands }, place) => (
          <li key={title} className="flex min-w-0 flex-col gap-3 rounded-lg border bg-panel p-4">
            <h2 className="text-lg font-medium">
              <span className="mr-2 text-ink-faint tabular-nums">{place + 1}</span>
              {title}
            </h2>
            <p className="text-ink-soft">{what}</p>
            {commands.map(({ label, text }) => (
              <div key={label} className="min-w-0">
                {commands.length > 1 && <p className="mb-1 text-sm text-ink-faint">{label}</p>}
                <CommandLine text={text} label={label} />
              </div>
            ))}
          </li>
        ))}
      </ol>
      <p role="status" className="flex items-center gap-2 text-ink-soft">
        <LoaderCircle aria-hidden className="size-4 animate-spin text-accent" />
        Waiting for the first span at {location.host}. It shows up here by itself.
      </p>
    </div>
  );
}
