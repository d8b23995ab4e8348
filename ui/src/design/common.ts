/** What two sequences have in common, for all that tells them apart: words of a text, lines of a file. */

/** The places of a longest common subsequence in both. Beyond `most` items between the common ends there is none. */
export function commonOf(left: readonly string[], right: readonly string[], most: number): [number, number][] {
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1;
  let tail = 0;
  const [ends, others] = [left.length, right.length];
  while (tail < ends - head && tail < others - head && left[ends - 1 - tail] === right[others - 1 - tail]) tail += 1;
  const [a, b] = [left.slice(head, ends - tail), right.slice(head, others - tail)];
  const middle = a.length <= most && b.length <= most ? longestOf(a, b) : [];
  return [
    ...Array.from({ length: head }, (_, at): [number, number] => [at, at]),
    ...middle.map(([one, other]): [number, number] => [head + one, head + other]),
    ...Array.from({ length: tail }, (_, at): [number, number] => [ends - tail + at, others - tail + at]),
  ];
}

function longestOf(a: readonly string[], b: readonly string[]): [number, number][] {
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
