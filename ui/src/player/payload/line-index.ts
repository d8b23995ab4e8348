/** The lines of a body that comes in pieces: where each begins, and what it holds.
 *
 * A body of JSON that is nothing but a text has the lines of that text.
 */

/** Longer ones are told in several; a body may be a single line of many megabytes. */
export const LONGEST = 4_000;

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const BACKSLASH = 92;
const LETTER_N = 110;
/** How many bytes the longest escape of JSON has. */
const ESCAPE = 6;

export class LineIndex {
  /** Where each line begins, in bytes. */
  #starts = new Float64Array(1024);
  #count = 1;
  #blocks: Uint8Array[] = [];
  #ends: number[] = [];
  #size = 0;
  #decoder = new TextDecoder();
  #isText = false;
  /** How many bytes ago an escape began. */
  #escaped = ESCAPE;

  constructor(private readonly isJson = false) {}

  /** How many lines are known; the last of them may go on. */
  get count(): number {
    return this.#size === 0 ? 0 : this.#starts[this.#count - 1] === this.#size ? this.#count - 1 : this.#count;
  }

  get size(): number {
    return this.#size;
  }

  add(block: Uint8Array): void {
    let begun = this.#starts[this.#count - 1] as number;
    if (this.#size === 0) this.#isText = this.isJson && block[0] === QUOTE;
    for (let at = 0; at < block.length; at += 1) {
      const place = this.#size + at;
      const byte = block[at] as number;
      const isEscaped = this.#escaped === 1;
      const isWhole = this.#escaped >= ESCAPE;
      if (this.#isText) this.#escaped = byte === BACKSLASH && !isEscaped ? 1 : Math.min(ESCAPE, this.#escaped + 1);
      // Neither a character nor an escape is cut: bytes that go on a character look like 10xxxxxx.
      if (place - begun >= LONGEST && (byte & 0xc0) !== 0x80 && byte !== NEWLINE && isWhole) begun = this.#begin(place);
      if (byte === NEWLINE || (this.#isText && isEscaped && byte === LETTER_N)) begun = this.#begin(place + 1);
    }
    this.#size += block.length;
    this.#blocks.push(block);
    this.#ends.push(this.#size);
  }

  /** The lines from one to another. */
  read(from: number, to: number): string[] {
    const last = Math.min(to, this.count);
    const lines: string[] = [];
    for (let line = Math.max(0, from); line < last; line += 1) {
      const end = line + 1 < this.#count ? (this.#starts[line + 1] as number) : this.#size;
      lines.push(this.#text(this.#starts[line] as number, end));
    }
    return lines;
  }

  #begin(place: number): number {
    if (this.#count === this.#starts.length) {
      const wider = new Float64Array(this.#starts.length * 2);
      wider.set(this.#starts);
      this.#starts = wider;
    }
    this.#starts[this.#count] = place;
    this.#count += 1;
    return place;
  }

  #text(from: number, to: number): string {
    const parts: Uint8Array[] = [];
    let number = this.#ends.findIndex((end) => end > from);
    for (let at = from; at < to; number += 1) {
      const end = this.#ends[number] as number;
      const block = this.#blocks[number] as Uint8Array;
      const begins = end - block.length;
      parts.push(block.subarray(at - begins, Math.min(to, end) - begins));
      at = Math.min(to, end);
    }
    const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : joined(parts);
    let length = bytes.length;
    if (bytes[length - 1] === NEWLINE) length -= 1;
    if (bytes[length - 1] === RETURN) length -= 1;
    const text = this.#decoder.decode(bytes.subarray(0, length));
    return this.#isText ? unescaped(text, from === 0, to === this.#size) : text;
  }
}

/** A part of a text as JSON writes it; what cannot be read as one is told as it stands. */
function unescaped(part: string, isFirst: boolean, isLast: boolean): string {
  const inner = part.slice(isFirst ? 1 : 0, isLast && part.endsWith('"') ? -1 : undefined);
  try {
    return (JSON.parse(`"${inner}"`) as string).replace(/\r?\n$/, "");
  } catch {
    return part;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
