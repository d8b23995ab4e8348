/** What stands on the page as long as nothing is remembered: how to begin. */

import { useQuery } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";

import { get } from "@/api/client";
import type { Health } from "@/api/types";
import { CommandLine } from "@/design/command";
import { waysToRemember } from "@/memory/ways";

export function Begin({ project }: { project: string | undefined }) {
  const storage = useQuery({
    queryKey: ["storage"],
    queryFn: ({ signal }) => get<Health>("/storage", {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (storage.isPending) return null;
  const ways = waysToRemember(storage.data?.examination.folder ?? null, project);
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-6xl flex-col gap-6 p-6 pt-[8vh]">
        <header>
          <h1 className="text-2xl font-medium">Nothing is remembered{project ? ` in ${project}` : ""} yet</h1>
          <p className="mt-1 text-lg text-ink-soft">
            What agents remember across sessions stands here: found by words and by meaning, with where it is from, and
            as it was at any moment.
          </p>
        </header>
        <ol className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-3">
          {ways.map(({ title, what, text }, place) => (
            <li key={title} className="flex min-w-0 flex-col gap-3 rounded-lg border bg-panel p-4">
              <h2 className="text-lg font-medium">
                <span className="mr-2 text-ink-faint tabular-nums">{place + 1}</span>
                {title}
              </h2>
              <p className="text-ink-soft">{what}</p>
              <CommandLine text={text} label={title} />
            </li>
          ))}
        </ol>
        <p role="status" className="flex items-center gap-2 text-ink-soft">
          <LoaderCircle aria-hidden className="size-4 motion-safe:animate-[spin_1s_linear_infinite] text-accent" />
          Looking for the first of it. It shows up here by itself.
        </p>
      </div>
    </div>
  );
}
