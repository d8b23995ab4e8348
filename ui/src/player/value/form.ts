/** In which form a value is shown best, judged by what it holds. */

import { deedOf } from "@/player/value/deed";
import { isFields, read } from "@/player/value/parts";

export type Form = "deed" | "json" | "table" | "markdown" | "diff" | "terminal" | "image" | "text";

export const FORMS: Record<Form, string> = {
  deed: "As it is read",
  json: "JSON",
  table: "Table",
  markdown: "Markdown",
  diff: "Diff",
  terminal: "Terminal",
  image: "Image",
  text: "Text",
};

export interface Formed {
  form: Form;
  /** The other forms it can be shown in. */
  forms: Form[];
  /** The value where it is more than text: parsed, where it is JSON in a text. */
  value: unknown;
  text: string;
}

const LONGEST_PARSED = 2_000_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what tells a terminal
const ESCAPES = /\u001b\[[\d;]*[A-Za-z]/;
const DIFF = /^(?:diff --git |\*\*\* Begin Patch$|--- \S.*\n\+\+\+ |@@ -\d+(?:,\d+)? \+\d+)/m;
const MARKS = [
  /^#{1,6} \S/m,
  /^```/m,
  /^\s*[-*] \S.*\n\s*[-*] \S/m,
  /\*\*[^*\n]+\*\*/,
  /^\d+\. \S.*\n\d+\. /m,
  /\[[^\]\n]+\]\(\S+\)/,
  /^\|.+\|\n\|[-:| ]+\|/m,
];

export function formOf(given: unknown): Formed {
  if (typeof given !== "string") return structured(given, given);
  const start = given.trimStart()[0];
  if (start === '"' && given.length <= LONGEST_PARSED) {
    const inner = read(given);
    if (typeof inner === "string" && inner !== given) return formOf(inner);
  }
  if ((start === "{" || start === "[") && given.length <= LONGEST_PARSED) {
    const value = read(given);
    if (typeof value !== "string") return structured(value, given);
  }
  const formed = (form: Form): Formed => ({
    form,
    forms: form === "text" ? ["text", "markdown"] : [form, "text"],
    value: given,
    text: given,
  });
  if (given.startsWith("data:image/")) return formed("image");
  if (ESCAPES.test(given)) return formed("terminal");
  if (DIFF.test(given)) return formed("diff");
  return formed(MARKS.some((mark) => mark.test(given)) ? "markdown" : "text");
}

function structured(value: unknown, given: unknown): Formed {
  const text = typeof given === "string" ? given : (JSON.stringify(value, null, 2) ?? "");
  if (deedOf(value)) return { form: "deed", forms: ["deed", "json", "text"], value, text };
  const rows = rowsIn(value);
  return { form: rows ? "table" : "json", forms: rows ? ["table", "json", "text"] : ["json", "text"], value, text };
}

/** The rows of a list of things that have the same few plain fields; null of anything else. */
export function rowsIn(value: unknown): Record<string, unknown>[] | null {
  if (!Array.isArray(value) || value.length < 2 || !value.every(isFields)) return null;
  const columns = columnsIn(value);
  if (columns.length === 0 || columns.length > 12) return null;
  const isPlain = value.every((row) => Object.values(row).every((cell) => typeof cell !== "object" || cell === null));
  const isFull = value.every((row) => Object.keys(row).length * 2 >= columns.length);
  return isPlain && isFull ? value : null;
}

export function columnsIn(rows: readonly Record<string, unknown>[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}
