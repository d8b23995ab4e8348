/** The files of a session at a step: those that a coding agent edited, and those of a workspace that was kept. */

import { ChevronDown, ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";

import { bytes, grouped } from "@/design/format";
import { Failed, Loading } from "@/design/quiet";
import { MOST_BYTES, MOST_FILES, type Step, useContent, useEdits, useFiles } from "@/player/held/ask";
import { StepLink } from "@/player/held/step-link";
import { Section } from "@/player/inspector/section";
import { Payload } from "@/player/payload/payload";
import { Lines } from "@/player/value/lines";

export function EditedFiles({ step }: { step: Step }) {
  const edits = useEdits(step);
  if (edits.error) return <Failed error={edits.error} retry={() => void edits.refetch()} />;
  if (!edits.data?.items.length) return null;
  const { items } = edits.data;
  const done = items.filter(({ is_edited }) => is_edited).length;
  return (
    <Section title="Edited files" aside={`${done} of ${items.length} edited so far`}>
      <ul className="flex flex-col divide-y">
        {items.map(({ path, content, edit, is_edited }) => (
          <File key={path} path={path} hash={content} project={step.project} isFaint={!is_edited}>
            {is_edited ? "last by" : "first by"}{" "}
            <StepLink session={edit.session} span={edit.span_id} project={step.project} here={step.session} />
          </File>
        ))}
      </ul>
    </Section>
  );
}

export function WorkspaceFiles({ step, isKept }: { step: Step; isKept: boolean }) {
  const files = useFiles(step, isKept);
  if (!isKept) return null;
  if (files.error) return <Failed error={files.error} retry={() => void files.refetch()} />;
  const items = files.data?.items.filter(({ entry }) => entry.kind !== "folder");
  const more = files.data?.next != null;
  return (
    <Section
      title="Workspace"
      aside={items && `${grouped(items.length)} ${items.length === 1 ? "file" : "files"}${more ? " and more" : ""}`}
    >
      {!items && <Loading what="Reading the workspace" />}
      {items?.length === 0 && <p className="text-ink-faint">It is empty.</p>}
      <ul className="flex flex-col divide-y">
        {items?.map(({ path, entry }) => (
          <File key={path} path={path} hash={entry.hash} project={step.project}>
            {entry.kind === "file" && bytes(entry.size)}
            {entry.kind === "link" && `leads to ${entry.target}`}
            {entry.kind === "left out" && `not kept: ${entry.why}`}
            {entry.is_redacted && " · without its secrets"}
          </File>
        ))}
      </ul>
      {more && (
        <p className="pt-1 text-sm text-ink-faint">
          The first {grouped(MOST_FILES)} entries; `agentreplay at` gives all of them.
        </p>
      )}
    </Section>
  );
}

interface FileProps {
  path: string;
  hash: string | null;
  project: string;
  isFaint?: boolean;
  children: ReactNode;
}

function File({ path, hash, project, isFaint = false, children }: FileProps) {
  const [isOpen, setOpen] = useState(false);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  const isThere = hash !== null;
  return (
    <li>
      <div className="flex min-h-8 items-center gap-1.5">
        <button
          type="button"
          aria-expanded={isThere ? isOpen : undefined}
          disabled={!isThere}
          onClick={() => setOpen(!isOpen)}
          className={`flex min-w-0 grow items-center gap-1.5 self-stretch text-left enabled:hover:bg-raised ${isFaint ? "text-ink-faint" : ""}`}
        >
          <Chevron aria-hidden className={`size-3.5 shrink-0 text-ink-faint ${isThere ? "" : "invisible"}`} />
          <span className="min-w-0 truncate font-mono text-sm">{path}</span>
        </button>
        <span className="shrink-0 text-sm text-ink-faint">
          {!isThere && "contents not known · "}
          {children}
        </span>
      </div>
      {isOpen && hash && <Contents hash={hash} project={project} />}
    </li>
  );
}

function Contents({ hash, project }: { hash: string; project: string }) {
  const content = useContent(hash);
  if (content.error) return <Failed error={content.error} />;
  if (!content.data) return <Loading what="Reading the file" />;
  const { text, media, bytes: size } = content.data;
  if (text === null) return <Payload path={`/contents/${hash}`} project={project} size={size} media={media} />;
  return (
    <div className="pb-3 pl-5">
      {size > MOST_BYTES && (
        <p className="text-sm text-warn">
          The first {bytes(MOST_BYTES)} of {bytes(size)}
        </p>
      )}
      {text ? <Lines text={text} /> : <p className="text-ink-faint">The file was empty.</p>}
    </div>
  );
}
