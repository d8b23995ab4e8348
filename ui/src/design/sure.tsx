/** A second thought, asked for wherever something would be gone for good. */

export function Sure({ isSure, change }: { isSure: boolean; change: (isSure: boolean) => void }) {
  return (
    <label className="flex items-center gap-2">
      <input
        type="checkbox"
        checked={isSure}
        onChange={(event) => change(event.target.checked)}
        className="size-3.5 accent-(--accent)"
      />
      This cannot be undone, and I want it
    </label>
  );
}
