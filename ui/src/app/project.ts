/** The project that pages look at. It stands in the address, so that a link shows the same to everybody. */

import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";

import { get, type Page } from "@/api/client";
import type { Project } from "@/api/types";

/** The project of the address; undefined for all of them. */
export function useProject(): string | undefined {
  const search = useSearch({ strict: false }) as { project?: unknown };
  return search.project === undefined || search.project === "" ? undefined : String(search.project);
}

/** All projects that there are. */
export function useProjects(isWanted = true) {
  return useQuery({
    queryKey: ["projects"],
    queryFn: ({ signal }) => get<Page<Project>>("/projects", {}, signal),
    enabled: isWanted,
  });
}

/** What a project is called in the narrow rail: the first letters of its first two words. */
export function initials(project: string): string {
  const words = project.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const letters =
    words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? project)].slice(0, 2);
  return letters.join("");
}
