/** The start: what runs now, what ran last, and what it came to; or, as long as there is nothing, how to begin. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { get, type Page } from "@/api/client";
import type { Session } from "@/api/types";
import { useLive } from "@/app/live";
import { useProject, useProjects } from "@/app/project";
import { useShortcuts } from "@/app/shortcuts";
import { Button } from "@/design/button";
import { ago } from "@/design/format";
import { Failed, Loading, Quiet } from "@/design/quiet";
import { First } from "@/home/beginning";
import { Glance } from "@/home/glance";
import { Lately, Running } from "@/home/lately";

const LAST = 12;
const MOST_RUNNING = 12;
/** What the live feed tells is asked for together. */
const TOGETHER = 1_000;
/** Should the feed not come through, one looks now and then. */
const ANYWAY = 5_000;

function useSessions(project: string | undefined, q: string, limit: number) {
  return useQuery({
    queryKey: ["sessions", "home", project ?? null, q, limit],
    queryFn: ({ signal }) => get<Page<Session>>("/sessions", { project, q, limit }, signal),
    refetchInterval: (query) => (query.state.data?.items.length ? 30_000 : ANYWAY),
  });
}

export function Home() {
  const project = useProject();
  const last = useSessions(project, "", LAST);
  const running = useSessions(project, "status:running", MOST_RUNNING);
  useNews(project);
  const wasEmpty = useRef(false);
  if (last.data?.items.length === 0 && project === undefined) wasEmpty.current = true;

  if (last.isPending) return <Loading what="Reading what was recorded" />;
  if (!last.data) return <Failed error={last.error} retry={() => void last.refetch()} />;
  const [newest] = last.data.items;
  if (!newest) return project === undefined ? <First /> : <Bare project={project} />;
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-7xl flex-col gap-6 p-4 sm:p-6">
        <h1 className="sr-only">Home{project ? `: ${project}` : ""}</h1>
        {wasEmpty.current && <Came session={last.data.items.at(-1) ?? newest} />}
        <Glance project={project} />
        <Running sessions={running.data?.items ?? []} hasMore={Boolean(running.data?.next)} />
        <Lately sessions={last.data.items} project={project} />
        {project === undefined && <Projects />}
      </div>
    </div>
  );
}

/** Ask again when the live feed tells of a session. */
function useNews(project: string | undefined): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const ask = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: ["sessions", "home"] });
      void queries.invalidateQueries({ queryKey: ["projects"] });
      void queries.invalidateQueries({ queryKey: ["measures", "glance"] });
    }, TOGETHER);
  };
  useLive(project, (event) => (event.name === "session" || event.name === "deleted") && ask(), ask);
}

/** The first session there ever was, noticed while the reader waited for it. */
function Came({ session }: { session: Session }) {
  const navigate = useNavigate();
  const open = () =>
    void navigate({ to: "/sessions/$session", params: { session: session.id }, search: { project: session.project } });
  useShortcuts([{ keys: "enter", does: "Open the first session", group: "Home", run: open }]);
  return (
    <section
      role="status"
      className="flex flex-wrap items-center gap-3 rounded-lg border border-accent bg-accent-soft px-4 py-3"
    >
      <p className="min-w-0 grow text-lg">
        The first session is here: <strong className="font-medium">{session.name || session.id}</strong>
      </p>
      <Button look="main" onClick={open}>
        Open it
      </Button>
    </section>
  );
}

function Bare({ project }: { project: string }) {
  return (
    <Quiet title={`Nothing was recorded in ${project} yet`}>
      <Link to="/" search={{}} className="text-accent underline underline-offset-2">
        Look at all projects
      </Link>
    </Quiet>
  );
}

function Projects() {
  const projects = useProjects();
  if (!projects.data || projects.data.items.length < 2) return null;
  const items = projects.data.items.toSorted((one, other) =>
    BigInt(one.newest ?? 0) < BigInt(other.newest ?? 0) ? 1 : -1,
  );
  return (
    <section aria-labelledby="projects">
      <h2 id="projects" className="mb-2 font-medium">
        Projects
      </h2>
      <ul className="flex flex-wrap gap-2">
        {items.map(({ name, newest }) => (
          <li key={name}>
            <Link
              to="/"
              search={{ project: name }}
              className="flex items-baseline gap-2 rounded-md border bg-panel px-3 py-1.5 hover:bg-raised"
            >
              <span className="max-w-64 truncate font-medium">{name}</span>
              {newest !== null && <span className="text-sm text-ink-faint">{ago(newest)}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
