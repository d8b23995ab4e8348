/** The collections there are: those of the project, of agents, and of workspaces. */

import { Link } from "@tanstack/react-router";
import { BookMarked, Bot, Folder } from "lucide-react";

import type { CollectionStatistics } from "@/api/types";
import { ago, count, grouped } from "@/design/format";
import { addressOf, type Collection, isSame, lastPart, ownerIn } from "@/memory/place";

const GLYPHS = { project: BookMarked, agent: Bot, workspace: Folder } as const;

interface Props {
  known: readonly CollectionStatistics[];
  chosen: Collection;
  /** The project that the page looks at; undefined for all. */
  project: string | undefined;
}

export function Collections({ known, chosen, project }: Props) {
  const projects = Map.groupBy(known, (one) => one.project);
  return (
    <nav
      aria-label="Collections"
      className="flex max-h-28 gap-4 overflow-auto border-b p-2 md:max-h-none md:flex-col md:border-r md:border-b-0 md:p-3"
    >
      {[...projects].map(([name, collections]) => (
        <div key={name} className="min-w-0">
          {project === undefined && <h2 className="mb-1 truncate px-1.5 text-sm text-ink-faint">{name}</h2>}
          <ul className="flex gap-1 md:flex-col">
            {collections.map((one) => (
              <li key={`${one.owner} ${one.collection}`}>
                <CollectionLink told={one} isChosen={isSame(one, chosen)} project={project} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function CollectionLink(props: { told: CollectionStatistics; isChosen: boolean; project: string | undefined }) {
  const { told, isChosen, project } = props;
  const { type, name } = ownerIn(told.owner);
  const Glyph = GLYPHS[type];
  const models = Object.entries(told.models).map(([model, many]) => `${grouped(many)} vectors of ${model}`);
  const title = [
    `${told.collection}${name ? ` of ${type} ${name}` : ""}`,
    `${grouped(told.records)} records, ${grouped(told.characters)} characters`,
    ...models,
    told.changed === null ? "holds nothing now" : `changed ${ago(told.changed)}`,
  ].join("\n");
  return (
    <Link
      to="/memory"
      search={{ project, ...addressOf(told) }}
      title={title}
      aria-current={isChosen ? "page" : undefined}
      className="flex h-11 min-w-40 items-center gap-2 rounded-md px-1.5 text-ink-soft hover:bg-raised aria-[current=page]:bg-accent-soft aria-[current=page]:text-ink"
    >
      <Glyph aria-hidden className="size-4 shrink-0 text-knowledge" />
      <span className="min-w-0 grow">
        <span className="block truncate">{told.collection}</span>
        <span className="block truncate text-sm text-ink-faint">{name ? lastPart(name) : "of the project"}</span>
      </span>
      <span className="text-sm text-ink-faint tabular-nums">{count(told.records)}</span>
    </Link>
  );
}
