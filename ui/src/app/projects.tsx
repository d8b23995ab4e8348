/** The one place where the project is switched, for all pages. */

import { useLocation, useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Check } from "lucide-react";

import { useProject, useProjects } from "@/app/project";
import { Dialog } from "@/design/dialog";
import { ago } from "@/design/format";

const ITEM =
  "flex h-9 items-center gap-2 rounded-md px-2 text-ink-soft data-[selected=true]:bg-raised data-[selected=true]:text-ink";

export function ProjectSwitcher({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const current = useProject();
  const projects = useProjects(isOpen);
  const navigate = useNavigate();
  const place = useLocation({ select: (location) => location.pathname });
  const choose = (project: string | undefined) => {
    close();
    // A session belongs to one project, so that its page has nothing to show of another.
    const to = place.startsWith("/sessions/") ? "/sessions" : place;
    void navigate({ to, search: (before: object) => (to === place ? { ...before, project } : { project }) } as never);
  };
  return (
    <Dialog title="Switch the project" titled={false} isOpen={isOpen} close={close}>
      <Command loop label="Switch the project" className="flex min-h-0 flex-col">
        <Command.Input
          placeholder="Which project"
          className="h-11 border-b bg-transparent px-4 text-lg outline-none placeholder:text-ink-faint"
        />
        <Command.List className="min-h-0 overflow-y-auto p-2">
          <Command.Empty className="p-4 text-center text-ink-faint">No project is called that</Command.Empty>
          <Command.Item value="all projects" className={ITEM} onSelect={() => choose(undefined)}>
            <Chosen isSo={current === undefined} />
            <span className="grow">All projects</span>
          </Command.Item>
          {projects.data?.items.map((one) => (
            <Command.Item
              key={one.name}
              value={`project ${one.name}`}
              className={ITEM}
              onSelect={() => choose(one.name)}
            >
              <Chosen isSo={current === one.name} />
              <span className="grow truncate">{one.name}</span>
              {one.newest !== null && <span className="text-sm text-ink-faint">{ago(one.newest)}</span>}
            </Command.Item>
          ))}
        </Command.List>
      </Command>
    </Dialog>
  );
}

function Chosen({ isSo }: { isSo: boolean }) {
  return (
    <Check role="img" aria-label={isSo ? "chosen" : ""} className={`size-4 ${isSo ? "text-accent" : "invisible"}`} />
  );
}
