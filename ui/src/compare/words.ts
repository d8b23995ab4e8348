/** What changed within a text, word by word. */

import { commonOf } from "@/design/common";

export interface Piece {
  text: string;
  /** Whether the other side does not have it. */
  isOwn: boolean;
}

/** Beyond so many words on both sides, what lies between the common ends is told as changed in one piece. */
const MOST = 600;

/** Both texts, in pieces that are common and pieces that are not. */
export function wordsOf(before: string, after: string): [Piece[], Piece[]] {
  const [left, right] = [split(before), split(after)];
  const common = commonOf(left, right, MOST);
  return [pieces(left, new Set(common.map(([one]) => one))), pieces(right, new Set(common.map(([, other]) => other)))];
}

function split(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function pieces(words: string[], kept: Set<number>): Piece[] {
  const told: Piece[] = [];
  words.forEach((text, place) => {
    const isOwn = !kept.has(place);
    const last = told.at(-1);
    if (last?.isOwn === isOwn) last.text += text;
    else told.push({ text, isOwn });
  });
  return told;
}
