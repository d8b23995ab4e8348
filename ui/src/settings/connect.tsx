/** What to type so that something records here. */

import { hasKey } from "@/api/address";
import { useHealth } from "@/app/health";
import { CommandLine } from "@/design/command";
import { sourcesOf } from "@/settings/snippets";

export function Connect() {
  const health = useHealth();
  const sources = sourcesOf({
    origin: location.origin,
    folder: health.data?.examination.folder,
    program: health.data?.program ?? "agentreplay",
    hasKey: hasKey(),
  });
  return (
    <>
      <p className="mb-6 text-ink-soft">
        Each of these records to this server, at <code className="font-mono text-ink">{location.origin}</code>. What
        arrives is seen under Sessions within moments.
      </p>
      {sources.map(({ name, about, snippets }) => (
        <section key={name} className="mb-8">
          <h2 className="text-lg font-medium">{name}</h2>
          <p className="mb-3 text-ink-soft">{about}</p>
          <dl className="space-y-3">
            {snippets.map((one) => (
              <div key={one.label}>
                <dt className="mb-1 text-sm text-ink-soft">{one.label}</dt>
                <dd>
                  <CommandLine text={one.text} label={`${name}: ${one.label}`} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}
