/** What the tools of coding agents are told to do, as people would read it: lists, commands, edits of files. */

import { commonOf } from "@/design/common";
import { isFields } from "@/player/value/parts";

export interface Todo {
  text: string;
  status: string;
}

export interface Edit {
  before: string;
  after: string;
}

export type Deed =
  | { type: "todos"; todos: Todo[] }
  | { type: "command"; command: string; note: string }
  | { type: "edits"; path: string; edits: Edit[] }
  | { type: "patch"; patch: string };

type Fields = Record<string, unknown>;

const texts = (fields: Fields, ...names: string[]) => names.map((name) => fields[name]).find(isText) ?? null;
const isText = (value: unknown): value is string => typeof value === "string";

/** The deed that arguments ask for; null of all others. */
export function deedOf(value: unknown): Deed | null {
  if (!isFields(value)) return null;
  return todosIn(value) ?? editsIn(value) ?? patchIn(value) ?? commandIn(value);
}

function todosIn(value: Fields): Deed | null {
  const list = value.todos ?? value.plan;
  if (!Array.isArray(list) || list.length === 0) return null;
  const todos = list.map((one) => {
    const text = isFields(one) ? texts(one, "content", "step", "description") : null;
    const status = isFields(one) ? texts(one, "status") : null;
    return text !== null && status !== null ? { text, status } : null;
  });
  return todos.every((one) => one !== null) ? { type: "todos", todos } : null;
}

function editsIn(value: Fields): Deed | null {
  const path = texts(value, "file_path", "filePath", "path", "notebook_path");
  if (path === null) return null;
  const several = Array.isArray(value.edits) ? value.edits : [value];
  const edits = several.map(editIn);
  if (edits.length > 0 && edits.every((one) => one !== null)) return { type: "edits", path, edits };
  const written = texts(value, "content", "file_text");
  return written === null ? null : { type: "edits", path, edits: [{ before: "", after: written }] };
}

function editIn(value: unknown): Edit | null {
  if (!isFields(value)) return null;
  const before = texts(value, "old_string", "oldString", "old_str");
  const after = texts(value, "new_string", "newString", "new_str");
  return before === null || after === null ? null : { before, after };
}

const PATCH = /^\*\*\* Begin Patch$/m;

function patchIn(value: Fields): Deed | null {
  const patch = texts(value, "input", "patch");
  return patch !== null && PATCH.test(patch) ? { type: "patch", patch } : null;
}

function commandIn(value: Fields): Deed | null {
  const given = value.command ?? value.cmd;
  const isList = Array.isArray(given) && given.length > 0 && given.every(isText);
  const command = isText(given) ? given : isList ? shell(given) : null;
  // Beside it stands how it is run; with more it is another tool's word.
  if (!command || Object.keys(value).length > 6) return null;
  return { type: "command", command, note: texts(value, "description", "justification") ?? "" };
}

/** Words as a shell takes them; of `bash -lc "…"` only what it runs. */
function shell(words: readonly string[]): string {
  const [program = "", option = "", ...rest] = words;
  if (/^(?:\/bin\/)?(?:ba|z)?sh$/.test(program) && /^-l?c$/.test(option) && rest.length === 1) return rest[0] as string;
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** Beyond so many lines between the common ends all of them are told as changed. */
const MOST = 600;

/** An edit line by line, each with the sign of what becomes of it. */
export function linesOf({ before, after }: Edit): string {
  const [left, right] = [before ? before.split("\n") : [], after ? after.split("\n") : []];
  const told: string[] = [];
  let [one, other] = [0, 0];
  for (const [here, there] of [...commonOf(left, right, MOST), [left.length, right.length] as const]) {
    while (one < here) told.push(`-${left[one++]}`);
    while (other < there) told.push(`+${right[other++]}`);
    if (one < left.length) told.push(` ${left[one]}`);
    one += 1;
    other += 1;
  }
  return told.join("\n");
}
