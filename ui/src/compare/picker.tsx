/** Chooses a session: first from the family of the other one, then from the newest of the project. */

import * as Popover from "@radix-ui/react-popover";
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { ChevronDown } from "lucide-react";
import { useState } from "react";

import { get, type Page } from "@/api/client";
import type { Member, Session } from "@/api/types";
import { ago } from "@/design/format";
import { StatusMark } from "@/design/kind";

interface Props {
  /** What the session stands for: Before, After. */
  label: string;
  project: string | undefined;
  chosen: Session | undefined;
  /** The session on the other side, whose family is offered first. */
  other: Session | undefined;
  choose: (session: Session) => void;
}

const ITEM = "flex h-8 items-center gap-2 rounded-md px-2 data-[selected=true]:bg-raised";
const GROUP =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-sm [&_[cmdk-group-heading]]:text-ink-faint";
const MOST = 200;

export function Picker({ label, project, chosen, other, choose }: Props) {
  const [isOpen, open] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={open}>
      <Popover.Trigger className="flex h-8 min-w-0 grow basis-52 items-center gap-2 rounded-md border bg-panel px-2.5 hover:bg-raised">
        <span className="text-sm text-ink-faint">{label}</span>
        {chosen ? (
          <>
            <StatusMark status={chosen.status} bare />
            <span className="truncate">{chosen.name || chosen.id}</span>
          </>
        ) : (
          <span className="text-ink-faint">Choose a session</span>
        )}
        <ChevronDown aria-hidden className="ml-auto size-3.5 shrink-0 text-ink-faint" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          className="z-30 w-[min(34rem,calc(100vw-1rem))] rounded-lg border bg-panel shadow-raised"
        >
          <Choices
            label={label}
            project={project}
            other={other}
            choose={(session) => {
              open(false);
              choose(session);
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices({ label, project, other, choose }: Omit<Props, "chosen">) {
  const family = useQuery({
    queryKey: ["family", other?.project, other?.id],
    queryFn: ({ signal }) =>
      get<Page<Member>>(`/sessions/${encodeURIComponent(other?.id ?? "")}/family`, { project: other?.project }, signal),
    enabled: other !== undefined,
  });
  const sessions = useQuery({
    queryKey: ["sessions", "picker", project],
    queryFn: ({ signal }) => get<Page<Session>>("/sessions", { project, limit: MOST }, signal),
  });
  const relatives = (family.data?.items ?? []).map((member) => member.row).filter((row) => row.id !== other?.id);
  const known = new Set([other?.id, ...relatives.map((row) => row.id)]);
  return (
    <Command loop label={`Choose what stands ${label.toLowerCase()}`}>
      <Command.Input
        autoFocus
        placeholder="Find by name, agent or id"
        className="h-9 w-full border-b bg-transparent px-3 outline-none placeholder:text-ink-faint"
      />
      <Command.List className="max-h-80 overflow-y-auto p-1.5">
        <Command.Empty className="p-4 text-center text-ink-faint">
          {sessions.isPending ? "Looking" : "No session is called that"}
        </Command.Empty>
        {relatives.length > 0 && (
          <Command.Group heading="Family" className={GROUP}>
            {relatives.map((row) => (
              <Choice key={row.id} row={row} choose={choose} />
            ))}
          </Command.Group>
        )}
        <Command.Group heading="Newest" className={GROUP}>
          {sessions.data?.items
            .filter((row) => !known.has(row.id))
            .map((row) => (
              <Choice key={`${row.project} ${row.id}`} row={row} choose={choose} />
            ))}
        </Command.Group>
      </Command.List>
    </Command>
  );
}

function Choice({ row, choose }: { row: Session; choose: (session: Session) => void }) {
  return (
    <Command.Item
      value={`${row.name} ${row.agent ?? ""} ${row.id}`}
      className={ITEM}
      onSelect={() => {
        choose(row);
      }}
    >
      <StatusMark status={row.status} bare />
      <span className="grow truncate">{row.name || row.id}</span>
      {row.origin && <span className="shrink-0 text-sm text-ink-faint">fork at {row.origin.seq}</span>}
      <span className="shrink-0 text-sm text-ink-faint">{ago(row.started)}</span>
    </Command.Item>
  );
}
