/** Both sides of a pair as a whole, in an editor that scrolls them together and folds what is the same. */

import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";

interface Props {
  label: string;
  before: string;
  after: string;
}

const LOOK = EditorView.theme({
  "&": { fontSize: "0.75rem", backgroundColor: "var(--panel)", color: "var(--ink)" },
  ".cm-scroller": { fontFamily: "var(--font-mono)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--ink-faint)", border: "none" },
  ".cm-collapsedLines": { background: "var(--raised)", color: "var(--ink-soft)" },
  ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: "'⋯'" },
  "&.cm-merge-a .cm-changedLine": { backgroundColor: "var(--bad-soft)" },
  "&.cm-merge-b .cm-changedLine": { backgroundColor: "var(--accent-soft)" },
  "&.cm-merge-a .cm-changedText": { background: "none", borderBottom: "2px solid var(--bad)" },
  "&.cm-merge-b .cm-changedText": { background: "none", borderBottom: "2px solid var(--accent)" },
});

export function Whole({ label, before, after }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    const view = new MergeView({
      a: { doc: before, extensions: reading(`${label} before`) },
      b: { doc: after, extensions: reading(`${label} after`) },
      parent: place.current,
      collapseUnchanged: { margin: 3, minSize: 6 },
      gutter: false,
    });
    return () => view.destroy();
  }, [label, before, after]);
  return <div ref={place} className="overflow-hidden rounded-md border" />;
}

function reading(label: string) {
  return [
    LOOK,
    lineNumbers(),
    EditorView.lineWrapping,
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({ "aria-label": label }),
  ];
}
