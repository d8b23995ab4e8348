/** The shape of a session, drawn. */

import { memo, useLayoutEffect, useRef } from "react";

import { useTheme } from "@/app/theme";
import { colourOf } from "@/design/kinds";
import { lengthOf, partsOf, shapeInWords } from "@/design/shape";

const WIDTH = 80;
const HEIGHT = 14;
const GAP = 1;
/** For the mark of errors. */
const END = 6;

interface Props {
  kinds: Record<string, number>;
  spans: number;
  errors: number;
  /** No wider than it is long. */
  isTight?: boolean;
}

/** Its length is that of the session, its parts are the kinds of its spans; a mark at its end tells of errors. */
export const Sparkline = memo(function Sparkline({ kinds, spans, errors, isTight = false }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const words = shapeInWords(kinds);
  const width = isTight ? Math.ceil(lengthOf(spans) * (WIDTH - END)) + END : WIDTH;
  const turn = useTheme((state) => state.turn);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useLayoutEffect(() => {
    if (canvas.current) draw(canvas.current, width, kinds, spans, errors);
  }, [width, kinds, spans, errors, turn]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={words ? `Shape: ${words}` : "No spans yet"}
      title={words}
      style={{ width, height: HEIGHT }}
      className="block"
    />
  );
});

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  kinds: Record<string, number>,
  spans: number,
  errors: number,
): void {
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(HEIGHT * scale);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(scale, scale);
  const length = lengthOf(spans) * (WIDTH - END);
  for (const { tone, from, to } of partsOf(kinds)) {
    pen.fillStyle = colourOf(tone);
    pen.fillRect(from * length, 2, Math.max(1, (to - from) * length - GAP), HEIGHT - 4);
  }
  if (errors > 0) {
    pen.fillStyle = colourOf("error");
    pen.beginPath();
    pen.arc(length + 3, HEIGHT / 2, 2.5, 0, 2 * Math.PI);
    pen.fill();
  }
}
