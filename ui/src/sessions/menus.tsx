/** The menus above the list: saved views, and which columns are shown. */

import * as Menu from "@radix-ui/react-dropdown-menu";
import { Bookmark, Check, Columns3, X } from "lucide-react";
import { useState } from "react";

import { Button } from "@/design/button";
import { COLUMN_IDS, type ColumnId, withColumn } from "@/sessions/asked";
import { COLUMNS } from "@/sessions/columns";
import { useViews, type View } from "@/sessions/views";

const CONTENT =
  "z-30 max-h-[min(32rem,var(--radix-dropdown-menu-content-available-height))] min-w-52 overflow-y-auto rounded-lg border bg-panel p-1 shadow-raised";
const ITEM =
  "flex h-7 cursor-pointer items-center gap-2 rounded-md px-2 outline-none data-[highlighted]:bg-raised select-none";

export function ColumnsMenu({
  columns,
  change,
}: {
  columns: readonly ColumnId[];
  change: (columns: readonly ColumnId[]) => void;
}) {
  return (
    <Menu.Root>
      <Menu.Trigger asChild>
        <Button className="h-8 max-sm:hidden">
          <Columns3 aria-hidden className="size-3.5" /> Columns
        </Button>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content align="end" sideOffset={4} className={CONTENT}>
          {COLUMN_IDS.filter((id) => id !== "name").map((id) => (
            <Menu.CheckboxItem
              key={id}
              checked={columns.includes(id)}
              onCheckedChange={() => change(withColumn(columns, id))}
              onSelect={(event) => event.preventDefault()}
              className={ITEM}
            >
              <span className="size-3.5">
                <Menu.ItemIndicator>
                  <Check aria-hidden className="size-3.5 text-accent" />
                </Menu.ItemIndicator>
              </span>
              {COLUMNS[id].label}
            </Menu.CheckboxItem>
          ))}
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}

export function ViewsMenu({ now, show }: { now: Omit<View, "name">; show: (view: View) => void }) {
  const { views, save, drop } = useViews();
  const [name, setName] = useState("");
  const current = views.find(
    (one) => one.q === now.q && one.project === now.project && one.columns.join() === now.columns.join(),
  );
  return (
    <Menu.Root>
      <Menu.Trigger asChild>
        <Button className="h-8 max-w-48">
          <Bookmark aria-hidden className={`size-3.5 shrink-0 ${current ? "text-accent" : ""}`} />
          <span className="truncate max-sm:sr-only">{current?.name ?? "Views"}</span>
        </Button>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content align="end" sideOffset={4} className={`${CONTENT} w-72`}>
          {views.length === 0 && <p className="px-2 py-1 text-ink-faint">No view was saved yet</p>}
          {views.map((view) => (
            <div key={view.name} className="flex items-center">
              <Menu.Item onSelect={() => show(view)} className={`${ITEM} min-w-0 grow`}>
                <span className="truncate">{view.name}</span>
                <span className="ml-auto truncate font-mono text-xs text-ink-faint">{view.q || "all"}</span>
              </Menu.Item>
              <Menu.Item
                aria-label={`Forget the view ${view.name}`}
                onSelect={(event) => {
                  event.preventDefault();
                  drop(view.name);
                }}
                className="grid size-7 shrink-0 cursor-pointer place-items-center rounded-md text-ink-faint outline-none data-[highlighted]:bg-raised"
              >
                <X aria-hidden className="size-3.5" />
              </Menu.Item>
            </div>
          ))}
          <Menu.Separator className="my-1 h-px bg-line" />
          <form
            className="flex gap-1 p-1"
            onSubmit={(event) => {
              event.preventDefault();
              if (name.trim()) save({ ...now, name: name.trim() });
              setName("");
            }}
          >
            <input
              value={name}
              aria-label="Name of the new view"
              placeholder="Save what is shown as"
              onChange={(event) => setName(event.target.value)}
              // The menu would take letters for the beginnings of its items.
              onKeyDown={(event) => event.key !== "Escape" && event.stopPropagation()}
              className="h-7 min-w-0 grow rounded-md border bg-panel px-2"
            />
            <Button type="submit" disabled={!name.trim()}>
              Save
            </Button>
          </form>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
