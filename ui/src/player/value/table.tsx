/** A list of things with the same fields, as a table. */

import { useState } from "react";

import { columnsIn } from "@/player/value/form";

const AT_ONCE = 100;

export function Table({ rows }: { rows: Record<string, unknown>[] }) {
  const [shown, setShown] = useState(AT_ONCE);
  const columns = columnsIn(rows);
  return (
    <div className="max-h-[32rem] overflow-auto rounded-md border">
      <table className="w-full text-sm">
        <thead className="sticky top-0 bg-raised text-left">
          <tr>
            {columns.map((column) => (
              <th key={column} className="border-b px-2 py-1 font-medium whitespace-nowrap">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a value never change their order
            <tr key={index} className="odd:bg-sunken/50">
              {columns.map((column) => (
                <td
                  key={column}
                  className={`max-w-80 truncate px-2 py-0.5 ${typeof row[column] === "number" ? "text-right tabular-nums" : ""}`}
                >
                  {row[column] === undefined || row[column] === null ? (
                    <span className="text-ink-faint">—</span>
                  ) : (
                    String(row[column])
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <button type="button" onClick={() => setShown(shown * 4)} className="px-2 py-1 text-accent hover:underline">
          {rows.length - shown} more rows
        </button>
      )}
    </div>
  );
}
