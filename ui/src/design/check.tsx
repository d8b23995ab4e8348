/** A box to tick, with what it stands for. */

export function Check({ label, isOn, turn }: { label: string; isOn: boolean; turn: (isOn: boolean) => void }) {
  return (
    <label className="flex items-center gap-1.5 whitespace-nowrap text-ink-soft">
      <input
        type="checkbox"
        checked={isOn}
        onChange={(event) => turn(event.target.checked)}
        className="size-3.5 accent-(--accent)"
      />
      {label}
    </label>
  );
}
