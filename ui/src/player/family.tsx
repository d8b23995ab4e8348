/** Where a session stands among those it was forked from and those that were forked from it. */

import * as Menu from "@radix-ui/react-dropdown-menu";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { GitFork } from "lucide-react";

import { get } from "@/api/client";
import type { MemberPage, Session } from "@/api/types";
import { ago } from "@/design/format";
import { StatusMark } from "@/design/kind";
import type { Which } from "@/player/load";

/** What the session was forked from and what was forked from it; nothing, where it stands alone. */
export function Family({ told, which }: { told: Session; which: Which }) {
  const family = useQuery({
    queryKey: ["family", which.project, which.session],
    queryFn: ({ signal }) => get<MemberPage>(`/sessions/${which.session}/family`, { project: which.project }, signal),
  });
  const members = family.data?.items ?? [];
  if (members.length < 2) return null;
  return (
    <Menu.Root>
      <Menu.Trigger asChild>
        <button
          type="button"
          className="inline-flex h-6 shrink-0 items-center gap-1 rounded-md border px-1.5 text-sm text-ink-soft hover:bg-raised"
        >
          <GitFork aria-hidden className="size-3.5" />
          {told.origin
            ? `Fork at ${told.origin.seq}`
            : `${members.length - 1} ${members.length === 2 ? "fork" : "forks"}`}
        </button>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content
          align="start"
          sideOffset={4}
          className="z-40 max-h-96 w-96 max-w-[calc(100vw-2rem)] overflow-y-auto rounded-md border bg-panel p-1 shadow-raised"
        >
          <Menu.Label className="px-2 py-1 text-sm text-ink-faint">Family</Menu.Label>
          {members.map(({ depth, row }) => (
            <Menu.Item key={row.id} asChild>
              <Link
                to="/sessions/$session"
                params={{ session: row.id }}
                search={{ project: row.project, ...(row.origin ? { at: row.origin.seq } : {}) }}
                className="flex items-center gap-2 rounded-md py-1 pr-2 outline-none data-[highlighted]:bg-raised"
                style={{ paddingLeft: 8 + depth * 16 }}
              >
                <StatusMark status={row.status} bare />
                <span className={`grow truncate ${row.id === told.id ? "font-medium" : ""}`}>{row.name || row.id}</span>
                {row.origin && <span className="text-sm text-ink-faint">at {row.origin.seq}</span>}
                <span className="text-sm text-ink-faint">{ago(row.started)}</span>
              </Link>
            </Menu.Item>
          ))}
          {told.origin && (
            <Menu.Item asChild>
              <Link
                to="/compare"
                search={{ before: told.origin.session, after: told.id, project: told.project }}
                className="mt-1 block rounded-md border-t px-2 py-1 text-accent outline-none data-[highlighted]:bg-raised"
              >
                Compare with what it was forked from
              </Link>
            </Menu.Item>
          )}
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
