/** Buttons: one that matters most on its page, ordinary ones, and bare ones that are only a glyph. */

import type { ButtonHTMLAttributes } from "react";

type Look = "main" | "plain" | "bare" | "danger";

const LOOKS: Record<Look, string> = {
  main: "bg-accent text-on-accent px-3 hover:brightness-110",
  plain: "border bg-panel px-3 hover:bg-raised",
  bare: "text-ink-soft px-1.5 hover:bg-raised hover:text-ink",
  danger: "border border-bad text-bad px-3 hover:bg-bad-soft",
};

export function Button({
  look = "plain",
  className = "",
  ...rest
}: { look?: Look } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      className={`inline-flex h-7 items-center gap-1.5 rounded-md whitespace-nowrap transition-colors duration-100 disabled:pointer-events-none disabled:opacity-45 ${LOOKS[look]} ${className}`}
      {...rest}
    />
  );
}
