/** A body of any size: read in ranges when somebody looks at it, and shown through a window over its lines. */

import { useEffect, useMemo, useRef, useState } from "react";

import { address } from "@/api/address";
import { getRaw } from "@/api/client";
import { Button } from "@/design/button";
import { bytes } from "@/design/format";
import { Failed } from "@/design/quiet";
import type { Asked, Told } from "@/player/payload/worker";
import { type LineSource, Window } from "@/player/value/lines";

const RANGE = 4 << 20;
const PAGE = 200;
/** More is not kept in the memory of a page. */
const MOST = 512 << 20;

interface Props {
  path: string;
  project: string | undefined;
  size: number;
  media: string;
}

export function Payload(props: Props) {
  const [isOpen, setOpen] = useState(false);
  const { size, media, path, project } = props;
  if (size > MOST)
    return (
      <p className="text-ink-soft">
        {bytes(size)} are too much for a page. Ask the API for {path} with a range.
      </p>
    );
  if (/^(?:image|audio|video)\//.test(media)) return <Media path={path} project={project} media={media} />;
  if (!isOpen) return <Button onClick={() => setOpen(true)}>Show {bytes(size)}</Button>;
  return <Opened key={path} {...props} />;
}

function Opened({ path, project, size, media }: Props) {
  const [known, setKnown] = useState({ lines: 0, bytes: 0 });
  const [error, setError] = useState<Error | null>(null);
  const [, redraw] = useState(0);
  const worker = useRef<Worker | null>(null);
  const pages = useRef(new Map<number, string[]>());

  useEffect(() => {
    const reader = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const stop = new AbortController();
    worker.current = reader;
    reader.postMessage({ type: "begin", isJson: media.includes("json") } satisfies Asked);
    reader.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.type === "known") {
        // The last page may have been read before it was whole.
        for (const [page, lines] of pages.current) if (lines.length < PAGE) pages.current.delete(page);
        setKnown(data);
      } else {
        pages.current.set(data.from / PAGE, data.lines);
        redraw((count) => count + 1);
      }
    };
    readInto(reader, address(path, { project }).replace("/api/v1", ""), size, stop.signal).catch((reason: unknown) => {
      if (!stop.signal.aborted) setError(reason as Error);
    });
    return () => {
      stop.abort();
      reader.terminate();
      pages.current.clear();
    };
  }, [path, project, size, media]);

  const source = useMemo<LineSource>(
    () => ({
      count: known.lines,
      line: (index) => pages.current.get(Math.floor(index / PAGE))?.[index % PAGE],
      want: (from, to) => {
        for (let page = Math.floor(from / PAGE); page * PAGE < to; page += 1) {
          if (pages.current.has(page)) continue;
          pages.current.set(page, []);
          worker.current?.postMessage({ type: "read", from: page * PAGE, to: (page + 1) * PAGE } satisfies Asked);
        }
      },
    }),
    [known.lines],
  );
  if (error) return <Failed error={error} />;
  return (
    <Window
      source={source}
      above={
        known.bytes < size && (
          <div className="border-b px-2 py-1 text-sm text-ink-faint" role="status">
            {bytes(known.bytes)} of {bytes(size)}
            <div className="mt-0.5 h-0.5 bg-accent" style={{ width: `${(known.bytes / size) * 100}%` }} />
          </div>
        )
      }
    />
  );
}

async function readInto(worker: Worker, path: string, size: number, signal: AbortSignal): Promise<void> {
  for (let from = 0; from < size; from += RANGE) {
    const range = `bytes=${from}-${Math.min(size, from + RANGE) - 1}`;
    const answer = await getRaw(path, { range }, signal);
    const body = await answer.arrayBuffer();
    worker.postMessage({ type: "add", bytes: body } satisfies Asked, [body]);
    // Whoever does not know ranges sends it whole.
    if (answer.status !== 206) return;
  }
}

/** What is seen or heard rather than read. */
function Media({ path, project, media }: { path: string; project: string | undefined; media: string }) {
  const [source, setSource] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    let made = "";
    getRaw(address(path, { project }).replace("/api/v1", ""), {}, stop.signal)
      .then((answer) => answer.blob())
      .then((body) => {
        made = URL.createObjectURL(body);
        setSource(made);
      })
      .catch(() => setSource(""));
    return () => {
      stop.abort();
      URL.revokeObjectURL(made);
    };
  }, [path, project]);
  if (!source) return null;
  if (media.startsWith("image/"))
    return <img src={source} alt={`The body (${media})`} className="max-h-96 max-w-full rounded-md border" />;
  return media.startsWith("audio/") ? (
    // biome-ignore lint/a11y/useMediaCaption: what was recorded has none
    <audio controls src={source} />
  ) : (
    // biome-ignore lint/a11y/useMediaCaption: what was recorded has none
    <video controls src={source} className="max-h-96 max-w-full" />
  );
}
