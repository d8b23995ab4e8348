/** Which version this is, and what the web UI is made of. */

import { licences } from "virtual:licences";
import { useQuery } from "@tanstack/react-query";

import { get } from "@/api/client";
import { Failed, Loading } from "@/design/quiet";

const NAMES: Record<string, string> = { version: "agentreplay", api: "API", python: "Python", sqlite: "SQLite" };

export function About() {
  const version = useQuery({
    queryKey: ["version"],
    queryFn: ({ signal }) => get<Record<string, string>>("/version", {}, signal),
  });
  if (version.isPending) return <Loading what="Asking the server" />;
  if (version.isError) return <Failed error={version.error} retry={() => void version.refetch()} />;
  return (
    <>
      <dl className="mb-6 grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-4">
        {Object.entries(version.data).map(([name, value]) => (
          <div key={name} className="bg-panel px-3 py-2">
            <dt className="text-sm text-ink-soft">{NAMES[name] ?? name}</dt>
            <dd className="text-lg">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mb-6 text-ink-soft">
        agentreplay is free software under the Apache License 2.0. It asks nobody outside of this machine unless you
        tell it to.
      </p>
      <h2 className="mb-2 font-medium">What this page is made of</h2>
      <ul className="rounded-lg border bg-panel">
        {licences.map((one) => (
          <li key={one.name} className="not-first:border-t">
            <details>
              <summary className="flex items-baseline gap-3 px-3 py-1 hover:bg-raised">
                <span className="grow truncate">{one.name}</span>
                <span className="text-ink-soft">{one.version}</span>
                <span className="w-28 text-right text-sm text-ink-faint">{one.licence}</span>
              </summary>
              <pre className="overflow-x-auto bg-sunken px-3 py-2 font-mono text-sm whitespace-pre-wrap">
                {one.text || "It comes without the text of its licence."}
              </pre>
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}
