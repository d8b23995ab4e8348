/** The command palette: everything that can be done here, and every session, by name. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { useState } from "react";

import { get, type Page } from "@/api/client";
import type { Session } from "@/api/types";
import { useRegistry } from "@/app/shortcuts";
import { Dialog } from "@/design/dialog";
import { ago } from "@/design/format";
import { Keys } from "@/design/keys";
import { StatusMark } from "@/design/kind";

const ITEM =
  "flex h-8 items-center gap-2 rounded-md px-2 text-ink-soft data-[selected=true]:bg-raised data-[selected=true]:text-ink";
const GROUP =
  "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-sm [&_[cmdk-group-heading]]:text-ink-faint";

export function Palette({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const layers = useRegistry((state) => state.layers);
  const sessions = useQuery({
    queryKey: ["sessions", "palette"],
    queryFn: ({ signal }) => get<Page<Session>>("/sessions", { limit: 100 }, signal),
    enabled: isOpen,
  });
  const then = (run: () => void) => () => {
    close();
    setText("");
    run();
  };
  return (
    <Dialog title="Find anything" titled={false} isOpen={isOpen} close={close}>
      <Command loop label="Find anything" className="flex min-h-0 flex-col">
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder="Find a session, or something to do"
          className="h-11 border-b bg-transparent px-4 text-lg outline-none placeholder:text-ink-faint"
        />
        <Command.List className="min-h-0 overflow-y-auto p-2">
          <Command.Empty className="p-4 text-center text-ink-faint">Nothing is called that</Command.Empty>
          {text && (
            <Command.Item
              forceMount
              value={`search ${text}`}
              className={ITEM}
              onSelect={then(() => void navigate({ to: "/search", search: { q: text } }))}
            >
              Search all recordings for <strong className="font-medium text-ink">{text}</strong>
            </Command.Item>
          )}
          {text && (
            <Command.Item
              forceMount
              value={`recall ${text}`}
              className={ITEM}
              onSelect={then(() => void navigate({ to: "/memory", search: { q: text } }))}
            >
              Search what is remembered for <strong className="font-medium text-ink">{text}</strong>
            </Command.Item>
          )}
          <Command.Group heading="Do" className={GROUP}>
            {layers
              .toReversed()
              .flat()
              .map((one) => (
                <Command.Item
                  key={`${one.keys} ${one.does}`}
                  value={one.does}
                  className={ITEM}
                  onSelect={then(one.run)}
                >
                  <span className="grow">{one.does}</span>
                  <Keys keys={one.keys} />
                </Command.Item>
              ))}
          </Command.Group>
          <Command.Group heading="Sessions" className={GROUP}>
            {sessions.data?.items.map((one) => (
              <Command.Item
                key={`${one.project} ${one.id}`}
                value={`${one.name} ${one.agent ?? ""} ${one.id}`}
                className={ITEM}
                onSelect={then(
                  () =>
                    void navigate({
                      to: "/sessions/$session",
                      params: { session: one.id },
                      search: { project: one.project },
                    }),
                )}
              >
                <StatusMark status={one.status} bare />
                <span className="grow truncate">{one.name || one.id}</span>
                <span className="text-sm text-ink-faint">{ago(one.started)}</span>
              </Command.Item>
            ))}
          </Command.Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}
