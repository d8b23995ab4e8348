/** The transport bar: play, step, jump, speed, clock and scrub. */

import {
  ChevronFirst,
  ChevronLast,
  CirclePause,
  CirclePlay,
  FastForward,
  Maximize,
  Sparkles,
  StepBack,
  StepForward,
  TriangleAlert,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef } from "react";

import { Button } from "@/design/button";
import { count } from "@/design/format";
import { Tooltip } from "@/design/tooltip";
import { clock, countOf, type Stop } from "@/player/model/moves";
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

export function Transport() {
  const recording = usePlayer((state) => state.recording);
  const isPlaying = usePlayer((state) => state.isPlaying);
  const selected = usePlayer((state) => state.selected);
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
    <div role="toolbar" aria-label="Playback" className="flex h-10 min-w-0 items-center gap-1 border-b px-2">
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
      <Act
        label={has.error ? `Next of ${count(has.error)} failed` : "Nothing failed"}
        keys="e"
        disabled={!has.error}
        onClick={() => go("error", 1)}
      >
        <TriangleAlert aria-hidden className={`size-4 ${has.error ? "text-bad" : ""}`} />
      </Act>
      <Clock />
      <Scrub />
      <span className="hidden px-1 text-sm whitespace-nowrap text-ink-faint md:inline">
        step <span className="text-ink">{(selected + 1).toLocaleString("en-US")}</span> of{" "}
        {recording.count.toLocaleString("en-US")}
      </span>
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

/** The clock tells the time without React, because it changes with every frame. */
function Clock() {
  const told = useRef<HTMLSpanElement>(null);
  const last = usePlayer((state) => state.recording?.last ?? 0);
  useEffect(() => {
    const tell = () => {
      if (told.current) told.current.textContent = clock(usePlayer.getState().cursor, last);
    };
    tell();
    return usePlayer.subscribe(tell);
  }, [last]);
  return (
    <span className="px-1.5 whitespace-nowrap tabular-nums">
      <span ref={told} />
      <span className="hidden text-ink-faint sm:inline"> / {clock(last, last)}</span>
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
      range.current.value = String((cursor / Math.max(1, last)) * FINE);
      range.current.ariaValueText = clock(cursor, last);
    };
    place();
    return usePlayer.subscribe(place);
  }, [last]);
  return (
    <input
      ref={range}
      type="range"
      min={0}
      max={FINE}
      step="any"
      aria-label="Time"
      className="mx-1 h-1 min-w-12 grow accent-[var(--accent)]"
      onChange={(event) => usePlayer.getState().scrub((Number(event.target.value) / FINE) * last)}
    />
  );
}
