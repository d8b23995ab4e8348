/** Markdown as blocks and runs: what models write, and no more. Nothing in it becomes HTML. */

export type Run =
  | { type: "text" | "code" | "strong" | "emphasis"; text: string }
  | { type: "link"; text: string; to: string };

export type Block =
  | { type: "heading"; level: number; runs: Run[] }
  | { type: "paragraph" | "quote"; runs: Run[] }
  | { type: "code"; language: string; text: string }
  | { type: "list"; isOrdered: boolean; items: { depth: number; runs: Run[] }[] }
  | { type: "table"; head: Run[][]; rows: Run[][][] }
  | { type: "rule" };

const FENCE = /^\s*(`{3,}|~{3,})\s*([\w+-]*)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const RULE = /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/;
const DIVIDER = /^\s*\|?[\s:]*-+[-:\s|]*$/;

export function blocksOf(text: string): Block[] {
  const lines = text.split(/\r?\n/);
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] as string;
    const fence = FENCE.exec(line);
    if (!line.trim()) at += 1;
    else if (fence) at = takeCode(lines, at, fence, blocks);
    else if (HEADING.test(line)) {
      const [, marks = "", title = ""] = HEADING.exec(line) as RegExpExecArray;
      blocks.push({ type: "heading", level: marks.length, runs: runsOf(title) });
      at += 1;
    } else if (RULE.test(line)) {
      blocks.push({ type: "rule" });
      at += 1;
    } else if (line.includes("|") && DIVIDER.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("|"))
      at = takeTable(lines, at, blocks);
    else if (ITEM.test(line)) at = takeList(lines, at, blocks);
    else at = takeText(lines, at, blocks);
  }
  return blocks;
}

function takeCode(lines: string[], from: number, fence: RegExpExecArray, blocks: Block[]): number {
  const mark = fence[1] as string;
  let at = from + 1;
  while (at < lines.length && !(lines[at] as string).trimStart().startsWith(mark)) at += 1;
  blocks.push({ type: "code", language: fence[2] ?? "", text: lines.slice(from + 1, at).join("\n") });
  return at + 1;
}

function takeTable(lines: string[], from: number, blocks: Block[]): number {
  const cells = (line: string) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => runsOf(cell.trim()));
  let at = from + 2;
  const rows: Run[][][] = [];
  for (; at < lines.length && (lines[at] as string).includes("|"); at += 1) rows.push(cells(lines[at] as string));
  blocks.push({ type: "table", head: cells(lines[from] as string), rows });
  return at;
}

function takeList(lines: string[], from: number, blocks: Block[]): number {
  const items: { depth: number; text: string }[] = [];
  let at = from;
  for (; at < lines.length; at += 1) {
    const line = lines[at] as string;
    const item = ITEM.exec(line);
    if (item) items.push({ depth: Math.min(6, Math.floor((item[1] as string).length / 2)), text: item[3] as string });
    else if (line.trim() && /^\s{2,}/.test(line) && !FENCE.test(line)) {
      const last = items.at(-1);
      if (last) last.text += ` ${line.trim()}`;
    } else break;
  }
  const isOrdered = ITEM.exec(lines[from] as string)?.[2] !== undefined;
  blocks.push({ type: "list", isOrdered, items: items.map(({ depth, text }) => ({ depth, runs: runsOf(text) })) });
  return at;
}

function takeText(lines: string[], from: number, blocks: Block[]): number {
  const isQuote = /^\s*>/.test(lines[from] as string);
  const taken: string[] = [];
  let at = from;
  for (; at < lines.length; at += 1) {
    const line = lines[at] as string;
    if (
      !line.trim() ||
      (at > from && (FENCE.test(line) || HEADING.test(line) || ITEM.test(line))) ||
      isQuote !== /^\s*>/.test(line)
    )
      break;
    taken.push(isQuote ? line.replace(/^\s*>\s?/, "") : line);
  }
  blocks.push({ type: isQuote ? "quote" : "paragraph", runs: runsOf(taken.join("\n")) });
  return at;
}

const RUNS =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|__([^_\n]+)__|(?<![\w*])\*([^*\n]+)\*(?!\w)|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/g;

export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  let reached = 0;
  for (const found of text.matchAll(RUNS)) {
    if (found.index > reached) runs.push({ type: "text", text: text.slice(reached, found.index) });
    const [whole, code, bold, heavy, leaning, label, to] = found;
    if (code !== undefined) runs.push({ type: "code", text: code });
    else if (label !== undefined && to !== undefined) runs.push({ type: "link", text: label, to });
    else if (leaning !== undefined) runs.push({ type: "emphasis", text: leaning });
    else runs.push({ type: "strong", text: bold ?? heavy ?? "" });
    reached = found.index + whole.length;
  }
  if (reached < text.length) runs.push({ type: "text", text: text.slice(reached) });
  return runs;
}
