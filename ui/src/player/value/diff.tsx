/** A diff, line by line. */

const MOST = 3_000;

export function Diff({ text }: { text: string }) {
  const lines = text.split("\n");
  return (
    <div className="overflow-x-auto rounded-md border font-mono text-sm">
      <div className="min-w-max">
        {lines.slice(0, MOST).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a diff never change their order
          <div key={index} className={`px-2 whitespace-pre ${lookOfLine(line)}`}>
            {line || " "}
          </div>
        ))}
        {lines.length > MOST && (
          <p className="px-2 text-ink-faint">{lines.length - MOST} more lines; shown whole as text</p>
        )}
      </div>
    </div>
  );
}

function lookOfLine(line: string): string {
  if (/^(?:diff |index |--- |\+\+\+ |\*\*\* )/.test(line)) return "bg-raised font-medium text-ink-soft";
  if (line.startsWith("@@")) return "bg-sunken text-knowledge";
  if (line.startsWith("+")) return "bg-good/12 text-good";
  if (line.startsWith("-")) return "bg-bad-soft text-bad";
  return "";
}
