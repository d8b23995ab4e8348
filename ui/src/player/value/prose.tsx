/** Markdown as it is read. */

import { Fragment, useMemo } from "react";

import { type Block, blocksOf, type Run } from "@/player/value/markdown";
import { CopyButton } from "@/player/value/value";

export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div className="flex min-w-0 flex-col gap-2 break-words">
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a text never change their order
        <Shown key={index} block={block} />
      ))}
    </div>
  );
}

function Shown({ block }: { block: Block }) {
  switch (block.type) {
    case "heading":
      return (
        // biome-ignore lint/a11y/useSemanticElements: its level is told where the page has one
        <p
          role="heading"
          aria-level={Math.min(6, block.level + 2)}
          className={block.level < 3 ? "text-lg font-semibold" : "font-semibold"}
        >
          <Runs runs={block.runs} />
        </p>
      );
    case "paragraph":
      return (
        <p className="whitespace-pre-wrap">
          <Runs runs={block.runs} />
        </p>
      );
    case "quote":
      return (
        <blockquote className="border-l-2 border-line-strong pl-3 whitespace-pre-wrap text-ink-soft">
          <Runs runs={block.runs} />
        </blockquote>
      );
    case "code":
      return (
        <div className="group relative">
          <pre className="overflow-x-auto rounded-md border bg-sunken px-3 py-2 font-mono text-sm">{block.text}</pre>
          <div className="absolute top-1 right-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
            <CopyButton text={block.text} />
          </div>
        </div>
      );
    case "list":
      return (
        <ul className="flex flex-col gap-1">
          {block.items.map((item, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the items of a text never change their order
            <li key={index} className="flex gap-2" style={{ paddingLeft: item.depth * 16 }}>
              <span aria-hidden className="text-ink-faint">
                {block.isOrdered && item.depth === 0
                  ? `${block.items.slice(0, index + 1).filter((one) => one.depth === 0).length}.`
                  : "•"}
              </span>
              <span className="min-w-0">
                <Runs runs={item.runs} />
              </span>
            </li>
          ))}
        </ul>
      );
    case "table":
      return (
        <div className="overflow-x-auto">
          <table className="text-sm">
            <thead>
              <tr>{block.head.map((cell, at) => cellOf(cell, at, "th"))}</tr>
            </thead>
            <tbody>
              {block.rows.map((row, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a text never change their order
                <tr key={at}>{row.map((cell, place) => cellOf(cell, place, "td"))}</tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "rule":
      return <hr />;
  }
}

function cellOf(runs: Run[], at: number, Tag: "th" | "td") {
  return (
    <Tag key={at} className="border px-2 py-1 text-left">
      <Runs runs={runs} />
    </Tag>
  );
}

function Runs({ runs }: { runs: Run[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a text never change their order
  return runs.map((run, index) => <Fragment key={index}>{runShown(run)}</Fragment>);
}

function runShown(run: Run) {
  switch (run.type) {
    case "text":
      return run.text;
    case "code":
      return <code className="rounded-sm bg-raised px-1 font-mono text-[0.92em]">{run.text}</code>;
    case "strong":
      return <strong className="font-semibold">{run.text}</strong>;
    case "emphasis":
      return <em>{run.text}</em>;
    case "link":
      return (
        <a href={run.to} target="_blank" rel="noreferrer noopener" className="text-accent underline underline-offset-2">
          {run.text}
        </a>
      );
  }
}
