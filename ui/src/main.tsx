import "@/design/tokens.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { queries } from "@/app/queries";
import { router } from "@/app/router";

async function begin(root: HTMLElement): Promise<void> {
  // A page that is awaited within React shows up only some time after it is there, lest something flicker.
  await router.load();
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
// Not awaited: the pages need what this script holds, and would wait for it while it waits for them.
if (root) void begin(root);
