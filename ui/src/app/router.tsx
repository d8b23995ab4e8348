/** Which address shows what. Every place has one, so that it can be shared; its search part is the state. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { Frame } from "@/app/frame";
import { Missing } from "@/app/missing";
import { queries } from "@/app/queries";
import { openEarly } from "@/player/opening";

type Place = Record<string, string | number | undefined>;

/** Search parameters are kept as they are; each page reads those it knows. */
const keep = (search: Record<string, unknown>): Place => search as Place;

const root = createRootRoute({ component: Frame, notFoundComponent: Missing });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: keep,
  component: lazyRouteComponent(() => import("@/home/home"), "Home"),
});
const sessions = createRoute({
  getParentRoute: () => root,
  path: "/sessions",
  validateSearch: keep,
  component: lazyRouteComponent(() => import("@/sessions/sessions"), "Sessions"),
});
const player = createRoute({
  getParentRoute: () => root,
  path: "/sessions/$session",
  validateSearch: keep,
  loaderDeps: ({ search: { project } }) => ({ project: typeof project === "string" ? project : undefined }),
  loader: ({ params: { session }, deps: { project } }) => openEarly(queries, { session, project }),
  component: lazyRouteComponent(() => import("@/player/player"), "Player"),
});
const memory = createRoute({
  getParentRoute: () => root,
  path: "/memory",
  validateSearch: keep,
  component: lazyRouteComponent(() => import("@/memory/memory"), "Memory"),
});
const compare = createRoute({
  getParentRoute: () => root,
  path: "/compare",
  validateSearch: keep,
  component: lazyRouteComponent(() => import("@/compare/compare"), "Compare"),
});
const search = createRoute({
  getParentRoute: () => root,
  path: "/search",
  validateSearch: keep,
  component: lazyRouteComponent(() => import("@/search/search"), "Search"),
});
const measures = createRoute({
  getParentRoute: () => root,
  path: "/measures",
  validateSearch: keep,
  component: lazyRouteComponent(() => import("@/measures/measures"), "Measures"),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: keep,
  component: lazyRouteComponent(() => import("@/settings/settings"), "Settings"),
});

export const router = createRouter({
  routeTree: root.addChildren([home, sessions, player, search, memory, compare, measures, settings]),
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
