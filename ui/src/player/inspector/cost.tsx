/** How the cost of a span came about: its tokens, the price of each, and why it counts or does not. */

import { useQuery } from "@tanstack/react-query";

import { get } from "@/api/client";
import type { Span, SpanCost } from "@/api/types";
import { count, money } from "@/design/format";
import { Failed } from "@/design/quiet";
import type { SpanName } from "@/player/inspector/ask";
import { BUCKETS } from "@/player/inspector/head";
import { Section } from "@/player/inspector/section";

export function Cost({ span, name }: { span: Span; name: SpanName }) {
  const isCharged = span.cost !== null || span.usage.total > 0;
  const cost = useQuery({
    queryKey: ["span", name.project, name.path, "cost", name.isOpen],
    queryFn: ({ signal }) => get<SpanCost>(`${name.path}/cost`, { project: name.project }, signal),
    enabled: isCharged,
  });
  if (!isCharged) return null;
  return (
    <Section title="Cost" aside={money(span.cost)} closed>
      {cost.error && <Failed error={cost.error} />}
      {cost.data && <Explained cost={cost.data} />}
    </Section>
  );
}

function Explained({ cost }: { cost: SpanCost }) {
  const { estimate, reported, reasons } = cost;
  const label = (bucket: string) => BUCKETS.find(([name]) => name === bucket)?.[1] ?? bucket;
  return (
    <>
      {estimate && (
        <table className="w-full text-sm tabular-nums">
          <thead className="text-left text-ink-faint">
            <tr>
              <th className="font-normal">Tokens</th>
              <th className="text-right font-normal">Count</th>
              <th className="text-right font-normal">For a million</th>
              <th className="text-right font-normal">Cost</th>
            </tr>
          </thead>
          <tbody>
            {estimate.charges.map((charge) => (
              <tr key={charge.bucket}>
                <td>
                  {label(charge.bucket)}
                  {charge.paid_as !== charge.bucket && (
                    <span className="text-ink-faint"> as {label(charge.paid_as)}</span>
                  )}
                </td>
                <td className="text-right">{count(charge.tokens)}</td>
                <td className="text-right">{money(charge.rate)}</td>
                <td className="text-right">{money(charge.cost)}</td>
              </tr>
            ))}
            <tr className="border-t font-medium">
              <td colSpan={3}>By {estimate.source}</td>
              <td className="text-right">{money(estimate.cost)}</td>
            </tr>
          </tbody>
        </table>
      )}
      {reported !== null && <p className="mt-1">Told by who recorded it: {money(reported)}</p>}
      {reasons.map((reason) => (
        <p key={reason} className="mt-1 text-sm text-ink-soft">
          {reason}
        </p>
      ))}
    </>
  );
}
