/** Light, dark, or as the system says. */

import { type Choice, useTheme } from "@/app/theme";

const CHOICES: readonly { choice: Choice; label: string; about: string }[] = [
  { choice: "system", label: "As the system", about: "Follows the system, also when it changes." },
  { choice: "light", label: "Light", about: "Always light." },
  { choice: "dark", label: "Dark", about: "Always dark." },
];

export function Look() {
  const { choice, choose } = useTheme();
  return (
    <fieldset className="space-y-1">
      <legend className="mb-3 text-ink-soft">Kept in this browser.</legend>
      {CHOICES.map((one) => (
        <label key={one.choice} className="flex items-baseline gap-2.5 rounded-md border bg-panel px-3 py-2">
          <input type="radio" name="theme" checked={choice === one.choice} onChange={() => choose(one.choice)} />
          <span className="w-32">{one.label}</span>
          <span className="text-ink-soft">{one.about}</span>
        </label>
      ))}
    </fieldset>
  );
}
