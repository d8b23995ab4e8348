/** What stands where there is nothing to show: empty, loading, gone wrong. */

import { LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";

import { ApiError } from "@/api/client";

interface QuietProps {
  title: string;
  children?: ReactNode;
  /** Whether this is all there is on the page, so that the title is that of the page. */
  isPage?: boolean;
}

export function Quiet({ title, children, isPage = false }: QuietProps) {
  const Title = isPage ? "h1" : "p";
  return (
    <div className="flex h-full flex-col items-center justify-center gap-2 p-8 text-center text-ink-soft">
      <Title className="text-lg text-ink">{title}</Title>
      {children}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div role="status" className="flex h-full items-center justify-center gap-2 p-8 text-ink-faint">
      <LoaderCircle aria-hidden className="size-4 animate-spin" />
      {what}
    </div>
  );
}

/** An error as the server tells it, with what to do. */
export function Failed({ error, retry }: { error: Error; retry?: () => void }) {
  const hint = error instanceof ApiError ? error.hint : "";
  return (
    <div role="alert" className="flex h-full flex-col items-center justify-center gap-2 p-8 text-center">
      <p className="max-w-xl text-lg text-bad">{error.message}</p>
      {hint && <p className="max-w-xl text-ink-soft">{hint}</p>}
      {retry && (
        <button type="button" onClick={retry} className="rounded-md border px-3 py-1 hover:bg-raised">
          Try again
        </button>
      )}
    </div>
  );
}
