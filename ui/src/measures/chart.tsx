/** A chart with its title, its legend, and the same figures as a table. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { FILL } from "@/measures/colours";
import { bucketName } from "@/measures/period";
import { type Drawn, Plot } from "@/measures/plot";
import { isEmpty } from "@/measures/series";

interface Props extends Drawn {
  title: string;
  /** What the figures are of, or how exact they are. */
  note?: string;
  behind: (bucket: number) => { to: "/sessions" | "/search"; search: { q: string; project?: string } };
  pick: (bucket: number) => void;
  zoom: (since: number, until: number) => void;
}

export function Chart({ title, note, behind, pick, zoom, ...drawn }: Props) {
  const [isTold, tell] = useState(false);
  const { series } = drawn;
  const isNothing = isEmpty(series);
  return (
    <figure className="flex min-w-0 flex-col rounded-lg border bg-panel p-3">
      <figcaption className="mb-2 flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 className="font-medium">{title}</h2>
        {note && <span className="text-sm text-ink-faint">{note}</span>}
        <ul className="ml-auto flex flex-wrap gap-x-3 text-sm text-ink-soft">
          {series.length > 1 &&
            series.map((one) => (
              <li key={one.label} className="flex max-w-40 items-center gap-1.5">
                <span aria-hidden className={`size-2 shrink-0 rounded-sm ${FILL[one.look]}`} />
                <span className="truncate">{one.label}</span>
              </li>
            ))}
        </ul>
      </figcaption>
      {isNothing ? (
        <p className="grid h-42 place-items-center text-ink-faint">Nothing in this time</p>
      ) : (
        <Plot label={`${title} over time. The table below tells the same.`} pick={pick} zoom={zoom} {...drawn} />
      )}
      {!isNothing && (
        <details className="mt-1 text-sm" onToggle={(event) => tell(event.currentTarget.open)}>
          <summary className="cursor-pointer text-ink-faint hover:text-ink">As a table</summary>
          {isTold && <Table {...drawn} title={title} behind={behind} />}
        </details>
      )}
    </figure>
  );
}

function Table({ title, buckets, grain, series, format, behind }: Drawn & Pick<Props, "title" | "behind">) {
  const rows = buckets.flatMap((start, index) => (series.some((one) => one.values[index]) ? [[start, index]] : []));
  return (
    <div className="mt-1 max-h-64 overflow-auto">
      <table className="w-full border-separate border-spacing-0 text-right">
        <caption className="sr-only">{title}, where there is anything to tell</caption>
        <thead className="sticky top-0 bg-panel text-ink-faint">
          <tr>
            <th scope="col" className="py-1 pr-3 text-left font-normal">
              When
            </th>
            {series.map((one) => (
              <th key={one.label} scope="col" className="py-1 pl-3 font-normal">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map(([start = 0, index = 0]) => (
            <tr key={start} className="hover:bg-raised">
              <th scope="row" className="py-0.5 pr-3 text-left font-normal whitespace-nowrap">
                <Link {...behind(start)} className="text-accent hover:underline">
                  {bucketName(start, grain)}
                </Link>
              </th>
              {series.map((one) => {
                const value = one.values[index];
                return (
                  <td key={one.label} className="py-0.5 pl-3 whitespace-nowrap">
                    {value === null || value === undefined ? "—" : format(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
