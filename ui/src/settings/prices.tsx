/** What models cost, by the prices in force. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";

import { get, type Page } from "@/api/client";
import type { Listed, Price } from "@/api/types";
import { CommandLine } from "@/design/command";
import { count, moment, money } from "@/design/format";
import { Failed, Loading } from "@/design/quiet";
import { exampleOf } from "@/settings/patterns";

/** More than anyone reads; whoever wants another types a part of its name. */
const MOST = 200;

export function Prices() {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const [wanted, want] = useState(String(search.q ?? ""));
  const asked = useDeferredValue(wanted);
  const prices = useQuery({
    queryKey: ["prices", asked],
    queryFn: ({ signal }) => get<Page<Listed>>("/prices", { q: asked }, signal),
    staleTime: 60_000,
  });
  const shown = search.model ? { provider: String(search.provider), model: String(search.model) } : null;
  const choose = (one: Listed) =>
    void navigate({
      to: "/settings",
      search: (before) => ({ ...before, provider: one.provider, model: exampleOf(one.model) }),
      replace: true,
    });
  return (
    <>
      <p className="mb-3 text-ink-soft">
        Prices are in dollars for a million tokens. Those that you set come first, then the public list of the program,
        then a list that was synced. They hold for what is taken in from then on.
      </p>
      <CommandLine text={`agentreplay prices set "house-model*" input=0.5 output=2`} label="set a price" />
      <input
        type="search"
        value={wanted}
        onChange={(event) => want(event.target.value)}
        placeholder="Find a model or a provider"
        aria-label="Find a model or a provider"
        className="my-4 h-8 w-full rounded-md border bg-panel px-2.5"
      />
      {shown && <Shown {...shown} />}
      {prices.isPending && <Loading what="Reading prices" />}
      {prices.isError && <Failed error={prices.error} retry={() => void prices.refetch()} />}
      {prices.isSuccess && <List found={prices.data.items} choose={choose} />}
    </>
  );
}

function List({ found, choose }: { found: Listed[]; choose: (one: Listed) => void }) {
  if (found.length === 0) return <p className="text-ink-faint">No model with a price is called that</p>;
  return (
    <>
      <ul className="rounded-lg border bg-panel">
        {found.slice(0, MOST).map((one) => (
          <li key={`${one.provider} ${one.model} ${one.source}`} className="not-first:border-t">
            <button
              type="button"
              onClick={() => choose(one)}
              className="flex w-full items-baseline gap-3 px-3 py-1 text-left hover:bg-raised"
            >
              <span className="grow truncate">{one.model}</span>
              <span className="text-ink-soft">{one.provider}</span>
              <span className="hidden w-40 truncate text-right text-sm text-ink-faint sm:inline">{one.source}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > MOST && (
        <p className="mt-2 text-ink-faint">
          {count(MOST)} of {count(found.length)} are shown; type a part of the name of another
        </p>
      )}
    </>
  );
}

function Shown({ provider, model }: { provider: string; model: string }) {
  const price = useQuery({
    queryKey: ["price", provider, model],
    queryFn: ({ signal }) =>
      get<Price>(
        `/prices/${encodeURIComponent(provider)}/${model.split("/").map(encodeURIComponent).join("/")}`,
        {},
        signal,
      ),
  });
  if (price.isError) return <Failed error={price.error} />;
  if (price.isPending) return <Loading what="Reading the price" />;
  const { source, since, service_tier, buckets } = price.data;
  return (
    <section aria-label={`What ${model} costs`} className="mb-4 rounded-lg border bg-panel p-3">
      <h2 className="font-medium">
        {model} <span className="font-normal text-ink-soft">of {provider}</span>
      </h2>
      <p className="mb-2 text-sm text-ink-faint">
        {source}
        {since === "0" ? "" : `, since ${moment(since).toLocaleDateString()}`}
        {service_tier ? `, ${service_tier}` : ""}
      </p>
      <dl className="grid gap-x-6 sm:grid-cols-2">
        {buckets.map((one) => (
          <div key={one.bucket} className="flex justify-between gap-3 border-b py-0.5">
            <dt className="text-ink-soft">{one.bucket.replaceAll("_", " ")}</dt>
            <dd className="text-right">
              {money(one.rate)}
              {one.beyond.map((more) => (
                <span key={more.tokens} className="block text-sm text-ink-faint">
                  {money(more.rate)} beyond {count(more.tokens)} tokens
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
