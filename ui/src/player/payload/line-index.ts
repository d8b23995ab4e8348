/** The lines of a body that comes in pieces: where each begins, and what it holds. */

/** Longer ones are told in several; a body may be a single line of many megabytes. */
export const LONGEST = 4_000;

const NEWLINE = 10;
const RETURN = 13;

export class LineIndex {
  /** Where each line begins, in bytes. */
  #starts = new Float64Array(1024);
  #count = 1;
  #blocks: Uint8Array[] = [];
  #ends: number[] = [];
  #size = 0;
  #decoder = new TextDecoder();

  /** How many lines are known; the last of them may go on. */
  get count(): number {
    return this.#size === 0 ? 0 : this.#starts[this.#count - 1] === this.#size ? this.#count - 1 : this.#count;
  }

  get size(): number {
    return this.#size;
  }

  add(block: Uint8Array): void {
    let begun = this.#starts[this.#count - 1] as number;
    for (let at = 0; at < block.length; at += 1) {
      const place = this.#size + at;
      const byte = block[at] as number;
      // A character is never cut: bytes that go on one look like 10xxxxxx.
      if (place - begun >= LONGEST && (byte & 0xc0) !== 0x80 && byte !== NEWLINE) begun = this.#begin(place);
      if (byte === NEWLINE) begun = this.#begin(place + 1);
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
    return this.#decoder.decode(bytes.subarray(0, length));
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
