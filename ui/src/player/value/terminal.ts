/** What a program wrote to a terminal, as pieces with their colours. */

export interface Piece {
  text: string;
  /** One of the sixteen colours of a terminal, by number. */
  colour: number | null;
  isBold: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal acts upon
const ESCAPE = /\u001b\[([\d;?]*)([A-Za-z])|\u001b\][^\u0007]*(?:\u0007|\u001b\\)/g;

/** Colours and weight are kept, and all else that a terminal acts upon is left out. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let [colour, isBold, reached] = [null as number | null, false, 0];
  const add = (end: number) => {
    if (end > reached) pieces.push({ text: text.slice(reached, end), colour, isBold });
  };
  for (const found of text.matchAll(ESCAPE)) {
    add(found.index);
    reached = found.index + found[0].length;
    if (found[2] !== "m") continue;
    for (const code of (found[1] || "0").split(";").map(Number)) {
      if (code === 0) [colour, isBold] = [null, false];
      else if (code === 1) isBold = true;
      else if (code === 22) isBold = false;
      else if (code === 39) colour = null;
      else if (code >= 30 && code <= 37) colour = code - 30;
      else if (code >= 90 && code <= 97) colour = code - 82;
    }
  }
  add(text.length);
  return pieces;
}
