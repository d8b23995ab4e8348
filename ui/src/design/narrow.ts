/** Whether the window is as narrow as a phone. */

import { useSyncExternalStore } from "react";

const narrow = matchMedia("(max-width: 40rem)");

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener("change", listener);
      return () => narrow.removeEventListener("change", listener);
    },
    () => narrow.matches,
  );
}
