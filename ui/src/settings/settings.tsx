/** Settings: how to connect, what is stored, what models cost, what can be pressed. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

import { Loading } from "@/design/quiet";
import { Connect } from "@/settings/connect";
import { Keyboard } from "@/settings/keyboard";
import { Look } from "@/settings/look";
import { Prices } from "@/settings/prices";
import { Projects } from "@/settings/projects";
import { Storage } from "@/settings/storage";

const About = lazy(() => import("@/settings/about").then((module) => ({ default: module.About })));

const SECTIONS = [
  { name: "connect", label: "Connect", Part: Connect },
  { name: "projects", label: "Projects", Part: Projects },
  { name: "storage", label: "Storage", Part: Storage },
  { name: "prices", label: "Prices", Part: Prices },
  { name: "look", label: "Light and dark", Part: Look },
  { name: "keyboard", label: "Keyboard", Part: Keyboard },
  { name: "about", label: "About", Part: About },
] as const;

export function Settings() {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const { name, label, Part } = SECTIONS.find((one) => one.name === search.section) ?? SECTIONS[0];
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)] md:grid-cols-[12rem_minmax(0,1fr)] md:grid-rows-[minmax(0,1fr)]">
      <nav
        aria-label="Settings"
        className="flex gap-1 overflow-x-auto border-b p-2 md:flex-col md:border-r md:border-b-0"
      >
        {SECTIONS.map((one) => (
          <button
            key={one.name}
            type="button"
            aria-current={one.name === name ? "page" : undefined}
            onClick={() => void navigate({ to: "/settings", search: (before) => ({ ...before, section: one.name }) })}
            className="h-7 shrink-0 rounded-md px-2.5 text-left text-ink-soft hover:bg-raised aria-[current=page]:bg-raised aria-[current=page]:text-ink"
          >
            {one.label}
          </button>
        ))}
      </nav>
      <div className="overflow-y-auto">
        <div className="mx-auto max-w-4xl p-4 md:p-6">
          <h1 className="mb-4 text-xl font-medium">{label}</h1>
          <Suspense fallback={<Loading what="Opening" />}>
            <Part />
          </Suspense>
        </div>
      </div>
    </div>
  );
}
