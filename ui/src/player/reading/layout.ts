/** All that the player computes from the columns of a session, at once and without a page. */

import type { SpanColumns } from "@/api/types";
import { type Lanes, lanesOf } from "@/player/model/lanes";
import { type Gaps, gapsOf } from "@/player/model/moves";
import { type Recording, recordingOf } from "@/player/model/recording";

export interface Layout {
  recording: Recording;
  lanes: Lanes;
  /** Where nothing happens for so long that one jumps over it. */
  gaps: Gaps;
}

const IDLE = 300_000_000;

/** Lay out stretches that follow each other without gaps, from the first place on. */
export function layoutOf(stretches: readonly SpanColumns[]): Layout {
  const recording = recordingOf(stretches);
  return { recording, lanes: lanesOf(recording), gaps: gapsOf(recording, IDLE) };
}

/** The memory of its arrays, which a worker gives away with it instead of having it copied. */
export function memoryOf(layout: Layout): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const look = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
    else if (value && typeof value === "object" && !Array.isArray(value)) Object.values(value).forEach(look);
  };
  look(layout);
  return [...found];
}
