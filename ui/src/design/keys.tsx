/** Keys as they are drawn beside what they do. */

import { printed } from "@/app/shortcuts";

export function Keys({ keys }: { keys: string }) {
  return (
    <span className="inline-flex gap-0.5">
      {printed(keys).map((key, index) => (
        <kbd
          // The same key may be pressed twice.
          // biome-ignore lint/suspicious/noArrayIndexKey: the keys never change their order
          key={index}
          className="min-w-5 rounded-sm border border-line-strong bg-raised px-1 text-center font-sans text-xs text-ink-soft"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
