/** What stands on a page as long as there is nothing to show on it: how to begin, with commands to copy. */

import { LoaderCircle } from "lucide-react";

import type { Way } from "@/app/commands";
import { CommandLine } from "@/design/command";

interface Props {
  title: string;
  about: string;
  ways: readonly Way[];
  /** What the page is looking out for meanwhile. */
  awaited: string;
}

export function Beginning({ title, about, ways, awaited }: Props) {
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-6xl flex-col gap-6 p-4 sm:p-6 sm:pt-[8vh]">
        <header>
          <h1 className="text-2xl font-medium">{title}</h1>
          <p className="mt-1 text-lg text-ink-soft">{about}</p>
        </header>
        <ol className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-3">
          {ways.map((way, place) => (
            <li key={way.title} className="flex min-w-0 flex-col gap-3 rounded-lg border bg-panel p-4">
              <h2 className="text-lg font-medium">
                <span className="mr-2 text-ink-faint tabular-nums">{place + 1}</span>
                {way.title}
              </h2>
              <p className="text-ink-soft">{way.what}</p>
              {way.commands.map(({ label, text }) => (
                <div key={label} className="min-w-0">
                  {way.commands.length > 1 && <p className="mb-1 text-sm text-ink-faint">{label}</p>}
                  <CommandLine text={text} label={label} />
                </div>
              ))}
            </li>
          ))}
        </ol>
        <p role="status" className="flex items-center gap-2 text-ink-soft">
          <LoaderCircle
            aria-hidden
            className="size-4 shrink-0 text-accent motion-safe:animate-[spin_1s_linear_infinite]"
          />
          {awaited}
        </p>
      </div>
    </div>
  );
}
