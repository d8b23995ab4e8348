/** How the cost of a span came about. */

import type { Span } from "@/api/types";
import type { SpanName } from "@/player/inspector/ask";

export function Cost(_: { span: Span; name: SpanName }) {
  return null;
}
