/** A second thought, asked for wherever something would be gone for good. */

import { Check } from "@/design/check";

export function Sure({ isSure, change }: { isSure: boolean; change: (isSure: boolean) => void }) {
  return <Check label="This cannot be undone, and I want it" isOn={isSure} turn={change} />;
}
