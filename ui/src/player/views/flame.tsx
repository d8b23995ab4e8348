/** Where time, tokens and money went: the tree with equal ways merged. */

import { useMemo, useState } from "react";

import { count, duration, money } from "@/design/format";
import { KindGlyph } from "@/design/kind";
import { lookOf, type Tone } from "@/design/kinds";
import { Quiet } from "@/design/quiet";
import { type Blade, bladesOf, ownWeights, type Weight } from "@/player/model/flame";
import type { Recording } from "@/player/model/recording";
import { usePlayer } from "@/player/state";

const HIGH = 22;
const BACK: Record<Tone, string> = {
  model: "bg-model/20 border-model",
  tool: "bg-tool/20 border-tool",
  agent: "bg-agent/20 border-agent",
  step: "bg-step/20 border-step",
  knowledge: "bg-knowledge/20 border-knowledge",
  wire: "bg-wire/20 border-wire",
  check: "bg-check/20 border-check",
  error: "bg-error/20 border-error",
  other: "bg-other/20 border-other",
};
const WEIGHTS: readonly (readonly [Weight, string])[] = [
  ["time", "Time"],
  ["tokens", "Tokens"],
  ["cost", "Cost"],
];
const NARROWEST = 0.001;
const MOST = 3_000;

export function Flame() {
  const recording = usePlayer((state) => state.recording);
  const [weight, setWeight] = useState<Weight>("time");
  const [focus, setFocus] = useState<Blade | null>(null);
  const blades = useMemo(() => (recording ? bladesOf(recording, weight) : []), [recording, weight]);
  const whole = useMemo(
    () => (recording ? ownWeights(recording, weight).reduce((sum, one) => sum + one, 0) : 0),
    [recording, weight],
  );
  if (!recording) return null;
  const base = focus ?? { from: 0, size: 1, depth: 0 };
  const shown = blades
    .filter(
      (one) =>
        one.depth >= base.depth && one.from >= base.from - 1e-9 && one.from + one.size <= base.from + base.size + 1e-9,
    )
    .filter((one) => one.size / base.size >= NARROWEST)
    .slice(0, MOST);
  const deep = shown.reduce((most, one) => Math.max(most, one.depth - base.depth), 0);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex items-center gap-1 border-b px-3 py-1 text-sm">
        <span className="text-ink-faint">Width is</span>
        {WEIGHTS.map(([name, label]) => (
          <button
            key={name}
            type="button"
            aria-pressed={weight === name}
            onClick={() => {
              setWeight(name);
              setFocus(null);
            }}
            className="h-6 rounded-md px-2 text-ink-soft hover:text-ink aria-pressed:bg-raised aria-pressed:text-ink"
          >
            {label}
          </button>
        ))}
        {focus && (
          <button type="button" onClick={() => setFocus(null)} className="ml-auto text-accent hover:underline">
            Show all
          </button>
        )}
      </div>
      {whole === 0 ? (
        <Quiet title={`Nothing is known of ${weight}`} />
      ) : (
        <div className="min-h-0 grow overflow-y-auto p-2">
          <div className="relative" style={{ height: (deep + 1) * HIGH }}>
            {shown.map((one) => (
              <BladeShown
                key={`${one.depth} ${one.from} ${one.name}`}
                blade={one}
                left={(one.from - base.from) / base.size}
                wide={one.size / base.size}
                top={(one.depth - base.depth) * HIGH}
                told={told(weight, one.size * whole)}
                recording={recording}
                pick={() => {
                  usePlayer.getState().select(one.span);
                  setFocus(one === focus || one.depth === 0 ? null : one);
                }}
              />
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

interface BladeProps {
  blade: Blade;
  left: number;
  wide: number;
  top: number;
  told: string;
  recording: Recording;
  pick: () => void;
}

function BladeShown({ blade, left, wide, top, told, pick }: BladeProps) {
  const look = lookOf(blade.kind);
  const title = `${blade.name}: ${told}${blade.count > 1 ? `, ${blade.count} times` : ""}${blade.errors ? `, ${blade.errors} failed` : ""}`;
  return (
    <button
      type="button"
      title={title}
      onClick={pick}
      className={`absolute flex items-center gap-1 overflow-hidden border-l-2 px-1 text-left text-sm whitespace-nowrap hover:brightness-95 ${BACK[look.tone]}`}
      style={{ left: `${left * 100}%`, width: `calc(${wide * 100}% - 1px)`, top, height: HIGH - 2 }}
    >
      {wide > 0.06 && (
        <>
          <KindGlyph kind={blade.kind} className="size-3" />
          <span className="truncate">{blade.name}</span>
          {blade.count > 1 && <span className="text-xs text-ink-soft">×{count(blade.count)}</span>}
          {blade.errors > 0 && <span className="text-xs text-bad">{blade.errors} failed</span>}
          {wide > 0.16 && <span className="ml-auto pl-2 text-xs text-ink-soft">{told}</span>}
        </>
      )}
    </button>
  );
}

function told(weight: Weight, value: number): string {
  if (weight === "time") return duration(Math.round(value));
  return weight === "tokens" ? `${count(Math.round(value))} tokens` : money(Math.round(value));
}
