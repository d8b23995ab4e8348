/** A chart on a canvas: bars that stand on each other, or lines. Pointing tells, a click picks, dragging zooms. */

import "uplot/dist/uPlot.min.css";

import { useEffect, useRef, useState } from "react";
import UPlot from "uplot";

import { useTheme } from "@/app/theme";
import { colourOf } from "@/design/kinds";
import { FILL, roleOf } from "@/measures/colours";
import { bucketName, type Grain, tickName, WIDTHS } from "@/measures/period";
import { type Series, stacked } from "@/measures/series";

export interface Drawn {
  buckets: readonly number[];
  grain: Grain;
  series: readonly Series[];
  shape: "bars" | "lines";
  format: (value: number) => string;
}

interface Props extends Drawn {
  label: string;
  pick: (bucket: number) => void;
  zoom: (since: number, until: number) => void;
}

interface Pointed {
  index: number;
  left: number;
}

const HEIGHT = 168;

export function Plot({ label, pick, zoom, ...drawn }: Props) {
  const { buckets, grain, series, shape, format } = drawn;
  const place = useRef<HTMLDivElement>(null);
  const acts = useRef({ pick, zoom });
  acts.current = { pick, zoom };
  const turn = useTheme((state) => state.turn);
  const [pointed, point] = useState<Pointed | null>(null);

  // A new turn of the theme means other colours.
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the document
  useEffect(() => {
    const host = place.current;
    if (!host) return;
    const told: Told = {
      point,
      pick: (bucket) => acts.current.pick(bucket),
      zoom: (since, until) => acts.current.zoom(since, until),
    };
    const plot = new UPlot(options({ buckets, grain, series, shape, format }, host.clientWidth, told), data(), host);
    const observer = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT }));
    observer.observe(host);
    return () => {
      observer.disconnect();
      plot.destroy();
      point(null);
    };

    function data(): UPlot.AlignedData {
      const rows = shape === "bars" ? stacked(series).toReversed() : series.map((one) => one.values);
      return [buckets.map((start) => start / 1000), ...rows];
    }
  }, [buckets, grain, series, shape, format, turn]);

  return (
    <div className="relative">
      <div ref={place} role="img" aria-label={label} className="cursor-pointer" style={{ height: HEIGHT }} />
      {pointed && <Bubble {...drawn} {...pointed} width={place.current?.clientWidth ?? 0} />}
    </div>
  );
}

function Bubble({ buckets, grain, series, format, index, left, width }: Drawn & Pointed & { width: number }) {
  const start = buckets[index];
  if (start === undefined) return null;
  const told = series.filter((one) => one.values[index]);
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute top-1 z-10 max-w-64 rounded-md border bg-panel px-2 py-1.5 text-sm shadow-raised"
      style={left > width / 2 ? { right: width - left + 12 } : { left: left + 12 }}
    >
      <p className="text-ink-faint">{bucketName(start, grain)}</p>
      {told.length === 0 && <p>Nothing</p>}
      {told.map((one) => (
        <p key={one.label} className="flex items-center gap-1.5">
          <span className={`size-2 shrink-0 rounded-sm ${FILL[one.look]}`} />
          <span className="grow truncate text-ink-soft">{one.label}</span>
          <span className="pl-2">{format(one.values[index] ?? 0)}</span>
        </p>
      ))}
    </div>
  );
}

interface Told {
  point: (pointed: Pointed | null) => void;
  pick: (bucket: number) => void;
  zoom: (since: number, until: number) => void;
}

function options({ buckets, grain, series, shape, format }: Drawn, width: number, told: Told): UPlot.Options {
  const first = (buckets[0] ?? 0) / 1000;
  const last = ((buckets.at(-1) ?? 0) + WIDTHS[grain]) / 1000;
  const axis = { stroke: roleOf("ink-faint"), font: "11px Inter", ticks: { show: false } };
  const grid = { stroke: roleOf("line"), width: 1 };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    ...(grain === "day" ? { tzDate: (seconds: number) => UPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") } : {}),
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { show: shape === "lines" } },
    scales: { x: { time: true, range: [first, last] }, y: { range: (_plot, _least, most) => [0, most || 1] } },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        space: 70,
        grid: { show: false },
        values: (_plot, ticks) => ticks.map((seconds) => tickName(seconds * 1000, grain)),
      },
      { ...axis, size: 56, gap: 4, space: 36, grid, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [{}, ...(shape === "bars" ? series.toReversed().map(bars) : series.map(line))],
    hooks: {
      setCursor: [
        ({ cursor }) =>
          told.point(
            typeof cursor.idx === "number" && (cursor.left ?? -1) >= 0
              ? { index: cursor.idx, left: (cursor.left ?? 0) + 56 }
              : null,
          ),
      ],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide < 8) return;
          told.zoom(plot.posToVal(left, "x") * 1000, plot.posToVal(left + wide, "x") * 1000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      ready: [
        (plot) =>
          plot.over.addEventListener("click", () => {
            const start = buckets[plot.cursor.idx ?? -1];
            if (start !== undefined) told.pick(start);
          }),
      ],
    },
  };
}

function bars({ look }: Series): UPlot.Series {
  const colour = colourOf(look);
  const paths = UPlot.paths.bars?.({ size: [0.86, 48], align: 1 });
  return { stroke: colour, fill: colour, width: 0, points: { show: false }, ...(paths ? { paths } : {}) };
}

function line({ look }: Series): UPlot.Series {
  return { stroke: colourOf(look), width: 1.5, points: { show: true, size: 4, fill: colourOf(look) } };
}
