/** A window in front of the page. */

import * as Radix from "@radix-ui/react-dialog";
import type { ReactNode } from "react";

interface Props {
  title: string;
  isOpen: boolean;
  close: () => void;
  children: ReactNode;
  /** Show the title, not only to those who listen. */
  titled?: boolean;
  className?: string;
}

export function Dialog({ title, isOpen, close, children, titled = true, className = "" }: Props) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && close()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(10_12_18/38%)]" />
        <Radix.Content
          aria-describedby={undefined}
          className={`fixed top-[12vh] left-1/2 z-40 flex max-h-[76vh] w-[min(40rem,calc(100vw-2rem))] -translate-x-1/2 flex-col overflow-hidden rounded-lg border bg-panel shadow-raised outline-none ${className}`}
        >
          <Radix.Title className={titled ? "border-b px-4 py-3 text-lg font-medium" : "sr-only"}>{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
