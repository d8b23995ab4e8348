/** A value, in the form that suits it; others can be chosen. */

import { Check, Copy } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";

import { deedOf } from "@/player/value/deed";
import { DeedShown } from "@/player/value/deed-shown";
import { Diff } from "@/player/value/diff";
import { FORMS, type Form, formOf, rowsIn } from "@/player/value/form";
import { JsonTree } from "@/player/value/json-tree";
import { Lines } from "@/player/value/lines";
import { Markdown } from "@/player/value/prose";
import { Terminal } from "@/player/value/screen";
import { Table } from "@/player/value/table";

const LONG = 60_000;
const MANY_LINES = 2_000;

interface Props {
  value: unknown;
  /** Without the choice of forms, for what stands among others. */
  bare?: boolean;
  /** Text is what somebody said, and not what a program wrote. */
  isProse?: boolean;
}

export function Value({ value, bare = false, isProse = false }: Props) {
  const settled = useDeferredValue(value);
  const formed = useMemo(() => formOf(settled), [settled]);
  const [chosen, choose] = useState<Form | null>(null);
  const usual = isProse && formed.form === "text" ? "markdown" : formed.form;
  const form = chosen && formed.forms.includes(chosen) ? chosen : usual;
  const shown = <Shown form={form} value={formed.value} text={formed.text} />;
  if (bare) return shown;
  return (
    <div className="min-w-0">
      <div className="float-right flex h-6 items-center gap-2 text-sm text-ink-faint">
        {formed.forms.length > 1 && (
          <label>
            <span className="sr-only">Show as</span>
            <select
              value={form}
              onChange={(event) => choose(event.target.value as Form)}
              className="rounded-sm bg-transparent text-ink-soft hover:bg-raised"
            >
              {formed.forms.map((one) => (
                <option key={one} value={one} className="bg-panel text-ink">
                  {FORMS[one]}
                </option>
              ))}
            </select>
          </label>
        )}
        <CopyButton text={formed.text} />
      </div>
      {shown}
    </div>
  );
}

function Shown({ form, value, text }: { form: Form; value: unknown; text: string }) {
  switch (form) {
    case "deed": {
      const deed = deedOf(value);
      return deed && <DeedShown deed={deed} />;
    }
    case "json":
      return <JsonTree value={value} />;
    case "table":
      return <Table rows={rowsIn(value) ?? []} />;
    case "markdown":
      return text.length > LONG ? <Lines text={text} /> : <Markdown text={text} />;
    case "diff":
      return <Diff text={text} />;
    case "terminal":
      return <Terminal text={text} />;
    case "image":
      return <img src={text} alt="" className="max-h-96 max-w-full rounded-md border" />;
    case "text":
      return isLong(text) ? (
        <Lines text={text} />
      ) : (
        <pre className="font-mono text-sm break-words whitespace-pre-wrap">
          {text || <span className="text-ink-faint">(empty)</span>}
        </pre>
      );
  }
}

function isLong(text: string): boolean {
  if (text.length > LONG) return true;
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) if (++lines > MANY_LINES) return true;
  return false;
}

export function CopyButton({ text }: { text: string }) {
  const [isDone, setDone] = useState(false);
  const Glyph = isDone ? Check : Copy;
  return (
    <button
      type="button"
      aria-label={isDone ? "Copied" : "Copy"}
      className="grid size-6 place-items-center rounded-sm hover:bg-raised hover:text-ink"
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => {
          setDone(true);
          setTimeout(() => setDone(false), 1_200);
        });
      }}
    >
      <Glyph aria-hidden className="size-3.5" />
    </button>
  );
}
