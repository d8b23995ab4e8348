/** The transport bar: play, step, jump, speed, clock and scrub. */

import {
  Camera,
  ChevronFirst,
  ChevronLast,
  CirclePause,
  CirclePlay,
  FastForward,
  Flag,
  Maximize,
  Sparkles,
  StepBack,
  StepForward,
  TriangleAlert,
  Unlink,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef } from "react";

import { Button } from "@/design/button";
import { clock, count, grouped } from "@/design/format";
import { Tooltip } from "@/design/tooltip";
import type { Mark } from "@/player/model/marks";
import { countOf, type Stop } from "@/player/model/moves";
import { SPEEDS, usePlayer } from "@/player/state";

function Act({
  label,
  keys,
  children,
  ...rest
}: {
  label: string;
  keys?: string;
  children: ReactNode;
  onClick: () => void;
  disabled?: boolean;
  pressed?: boolean;
}) {
  const { pressed, ...others } = rest;
  return (
    <Tooltip label={label} {...(keys ? { keys } : {})}>
      <Button
        look="bare"
        aria-label={label}
        aria-pressed={pressed}
        className={pressed ? "bg-raised text-ink" : ""}
        {...others}
      >
        {children}
      </Button>
    </Tooltip>
  );
}

/** `spans` says how many the session has, whether they are here already or still being read. */
export function Transport({ spans }: { spans: number }) {
  const recording = usePlayer((state) => state.recording);
  const isPlaying = usePlayer((state) => state.isPlaying);
  const isWhole = usePlayer((state) => state.isWhole);
  const marks = usePlayer((state) => state.marks);
  const speed = usePlayer((state) => state.speed);
  const skipsIdle = usePlayer((state) => state.skipsIdle);
  const { play, go, select, setSpeed, setSkipsIdle, zoom, fit } = usePlayer.getState();
  usePlaying(isPlaying);
  const has = useMemo(() => {
    const all = (stop: Stop) => (recording ? countOf(recording, stop) : 0);
    return { call: all("call"), decision: all("decision"), error: all("error") };
  }, [recording]);
  if (!recording) return null;
  return (
    <div
      role="toolbar"
      aria-label="Playback"
      className="flex h-10 min-w-0 items-center gap-1 overflow-x-auto border-b px-2"
    >
      <span className="hidden sm:block">
        <Act label="To the start" onClick={() => select(0)}>
          <ChevronFirst aria-hidden className="size-4" />
        </Act>
      </span>
      <Act label="Last call" keys="[" disabled={!has.call} onClick={() => go("call", -1)}>
        <StepBack aria-hidden className="size-4" />
      </Act>
      <Act label={isPlaying ? "Pause" : "Play"} keys="space" onClick={() => play(!isPlaying)}>
        {isPlaying ? (
          <CirclePause aria-hidden className="size-5 text-accent" />
        ) : (
          <CirclePlay aria-hidden className="size-5 text-accent" />
        )}
      </Act>
      <Act label="Next call" keys="]" disabled={!has.call} onClick={() => go("call", 1)}>
        <StepForward aria-hidden className="size-4" />
      </Act>
      <span className="hidden sm:block">
        <Act label="To the end" onClick={() => select(recording.count - 1)}>
          <ChevronLast aria-hidden className="size-4" />
        </Act>
      </span>
      <Act label="Next model call" keys="d" disabled={!has.decision} onClick={() => go("decision", 1)}>
        <Sparkles aria-hidden className="size-4" />
      </Act>
      {marks.checkpoint.length > 0 && (
        <Act
          label={
            marks.checkpoint.length === 1
              ? "To the checkpoint"
              : `Next of ${count(marks.checkpoint.length)} checkpoints`
          }
          keys="m"
          onClick={() => go("checkpoint", 1)}
        >
          <Flag aria-hidden className="size-4 text-check" />
        </Act>
      )}
      {marks.snapshot.length > 0 && (
        <Act
          label={marks.snapshot.length === 1 ? "To the snapshot" : `Next of ${count(marks.snapshot.length)} snapshots`}
          keys="s"
          onClick={() => go("snapshot", 1)}
        >
          <Camera aria-hidden className="size-4 text-check" />
        </Act>
      )}
      {marks.divergence.length > 0 && (
        <Act label="Where the last replay parted" keys="v" onClick={() => select((marks.divergence[0] as Mark).index)}>
          <Unlink aria-hidden className="size-4 text-bad" />
        </Act>
      )}
      <Act
        label={has.error ? `Next of ${count(has.error)} failed${isWhole ? "" : " so far"}` : "Nothing failed"}
        keys="e"
        disabled={!has.error}
        onClick={() => go("error", 1)}
      >
        <TriangleAlert aria-hidden className={`size-4 ${has.error ? "text-bad" : ""}`} />
      </Act>
      <Clock />
      <Scrub />
      <Step count={isWhole ? recording.count : Math.max(spans, recording.count)} />
      {!isWhole && (
        <span role="status" className="hidden px-1 text-sm whitespace-nowrap text-ink-faint md:inline">
          {grouped(recording.count)} read
        </span>
      )}
      <label className="hidden sm:block">
        <span className="sr-only">Speed</span>
        <select
          value={speed}
          onChange={(event) => setSpeed(Number(event.target.value))}
          className="h-7 rounded-md bg-transparent px-1 text-ink-soft hover:bg-raised"
        >
          {SPEEDS.map((one) => (
            <option key={one} value={one} className="bg-panel text-ink">
              {one}×
            </option>
          ))}
        </select>
      </label>
      <Act
        label={skipsIdle ? "Idle time is skipped" : "Skip idle time"}
        pressed={skipsIdle}
        onClick={() => setSkipsIdle(!skipsIdle)}
      >
        <FastForward aria-hidden className="size-4" />
      </Act>
      <div className="hidden sm:flex">
        <Act label="Zoom out" keys="-" onClick={() => zoom(1.6)}>
          <ZoomOut aria-hidden className="size-4" />
        </Act>
        <Act label="Zoom in" keys="+" onClick={() => zoom(1 / 1.6)}>
          <ZoomIn aria-hidden className="size-4" />
        </Act>
        <Act label="Show all of it" keys="0" onClick={fit}>
          <Maximize aria-hidden className="size-4" />
        </Act>
      </div>
    </div>
  );
}

/** Moves the cursor with the frames of the screen. */
function usePlaying(isPlaying: boolean): void {
  useEffect(() => {
    if (!isPlaying) return;
    let before = performance.now();
    let frame = requestAnimationFrame(function next(now) {
      usePlayer.getState().pass(Math.min(250, now - before) * 1e6);
      before = now;
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [isPlaying]);
}

/** A text that changes with every frame: written without React, in a box that nothing else is laid out by. */
function Ticking({ longest, text }: { longest: string; text: () => string }) {
  const told = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let before = "";
    const tell = () => {
      const now = text();
      if (now === before || !told.current) return;
      before = now;
      told.current.textContent = now;
    };
    tell();
    return usePlayer.subscribe(tell);
  }, [text]);
  return (
    <span
      ref={told}
      className="inline-block h-[1lh] text-right align-bottom contain-strict"
      style={{ width: `${longest.length}ch` }}
    />
  );
}

function Clock() {
  const last = usePlayer((state) => state.recording?.last ?? 0);
  const text = useCallback(() => clock(usePlayer.getState().cursor, last), [last]);
  const all = clock(last, last);
  return (
    <span className="px-1.5 whitespace-nowrap tabular-nums">
      <Ticking longest={all} text={text} />
      <span className="hidden text-ink-faint sm:inline"> / {all}</span>
    </span>
  );
}

const stepNow = () => grouped(usePlayer.getState().selected + 1);

function Step({ count: many }: { count: number }) {
  const all = grouped(many);
  return (
    <span className="hidden px-1 text-sm whitespace-nowrap text-ink-faint tabular-nums md:inline">
      step{" "}
      <span className="text-ink">
        <Ticking longest={all} text={stepNow} />
      </span>{" "}
      of {all}
    </span>
  );
}

const FINE = 10_000;

function Scrub() {
  const range = useRef<HTMLInputElement>(null);
  const last = usePlayer((state) => state.recording?.last ?? 1);
  useEffect(() => {
    const place = () => {
      if (!range.current) return;
      const { cursor } = usePlayer.getState();
      const now = (cursor / Math.max(1, last)) * FINE;
      // Where it is dragged it stands there already.
      if (Math.abs(Number(range.current.value) - now) > 0.5) range.current.value = String(now);
      range.current.ariaValueText = clock(cursor, last);
    };
    place();
    return usePlayer.subscribe(place);
  }, [last]);
  return (
    // A box of its own, so that the rest of the bar is not laid out anew with every frame.
    <div className="mx-1 h-4 min-w-12 grow contain-strict">
      <input
        ref={range}
        type="range"
        min={0}
        max={FINE}
        step="any"
        aria-label="Time"
        className="block h-full w-full accent-[var(--accent)]"
        onChange={(event) => usePlayer.getState().scrub((Number(event.target.value) / FINE) * last)}
      />
    </div>
  );
}
