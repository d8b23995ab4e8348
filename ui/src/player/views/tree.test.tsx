import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { beforeAll, expect, test, vi } from "vitest";

import { columnsOf, type Made } from "@/player/model/made";
import { layoutOf } from "@/player/reading/layout";
import { usePlayer } from "@/player/state";
import { Tree } from "@/player/views/tree";

beforeAll(() => {
  vi.stubGlobal("ResizeObserver", class {
    observe() {}
    disconnect() {}
  }); // biome-ignore format: a page without layout has none
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 520 });
});

const PATIENCE = 30_000;

test(
  "of many thousand spans only those in sight are there, and the one at the cursor among them",
  () => {
    const spans: Made[] = Array.from({ length: 20_000 }, (_, index) => ({
      start: index,
      duration: 1,
      name: `span ${index}`,
    }));
    usePlayer.setState({ session: "" });
    usePlayer.getState().load("one", layoutOf([columnsOf(spans)]), {});
    usePlayer.getState().select(12_345);

    const { container } = render(
      <QueryClientProvider client={new QueryClient()}>
        <Tree filter="" which={{ session: "one", project: undefined }} />
      </QueryClientProvider>,
    );

    expect(container.querySelectorAll("[role=treeitem]").length).toBeLessThan(60);
    expect(container.querySelector("[aria-selected=true]")?.textContent).toContain("span 12345");
  },
  PATIENCE,
);
