/** What changed within a text, word by word. */

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
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1;
  let tail = 0;
  while (
    tail < left.length - head &&
    tail < right.length - head &&
    left[left.length - 1 - tail] === right[right.length - 1 - tail]
  )
    tail += 1;
  const [a, b] = [left.slice(head, left.length - tail), right.slice(head, right.length - tail)];
  const common = a.length <= MOST && b.length <= MOST ? commonOf(a, b) : [];
  return [
    pieces(left, head, a, new Set(common.map(([one]) => one))),
    pieces(right, head, b, new Set(common.map(([, other]) => other))),
  ];
}

function split(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function pieces(words: string[], head: number, middle: string[], kept: Set<number>): Piece[] {
  const told: Piece[] = [];
  const add = (text: string, isOwn: boolean) => {
    const last = told.at(-1);
    if (last?.isOwn === isOwn) last.text += text;
    else told.push({ text, isOwn });
  };
  for (const word of words.slice(0, head)) add(word, false);
  middle.forEach((word, place) => {
    add(word, !kept.has(place));
  });
  for (const word of words.slice(head + middle.length)) add(word, false);
  return told;
}

/** The places of a longest common subsequence in both. */
function commonOf(a: string[], b: string[]): [number, number][] {
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  const at = (one: number, other: number) => longest[one * width + other] ?? 0;
  for (let one = a.length - 1; one >= 0; one -= 1) {
    for (let other = b.length - 1; other >= 0; other -= 1) {
      longest[one * width + other] =
        a[one] === b[other] ? at(one + 1, other + 1) + 1 : Math.max(at(one + 1, other), at(one, other + 1));
    }
  }
  const found: [number, number][] = [];
  for (let one = 0, other = 0; one < a.length && other < b.length; ) {
    if (a[one] === b[other]) found.push([one++, other++]);
    else if (at(one + 1, other) >= at(one, other + 1)) one += 1;
    else other += 1;
  }
  return found;
}
