/** Where a value is edited: lines, undo, search, and the errors of JSON where they are. */

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

const LOOK = EditorView.theme({
  "&": { fontSize: "12px", backgroundColor: "var(--panel)", color: "var(--ink)", maxHeight: "40vh" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)", padding: "6px 0" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--ink-faint)", border: "none" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)" },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--kind-knowledge)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--kind-tool)" },
]);

interface Props {
  label: string;
  text: string;
  isJson: boolean;
  change: (text: string) => void;
}

export default function Editor({ label, text, isJson, change }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(change);
  latest.current = change;
  const first = useRef(text);
  useEffect(() => {
    if (!box.current) return;
    const view = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          history(),
          bracketMatching(),
          search(),
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, indentWithTab]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          LOOK,
          syntaxHighlighting(COLOURS),
          ...(isJson ? [json()] : []),
          EditorView.updateListener.of((update) => update.docChanged && latest.current(update.state.doc.toString())),
        ],
      }),
    });
    return () => view.destroy();
  }, [label, isJson]);
  return <div ref={box} className="overflow-hidden rounded-md border focus-within:border-accent" />;
}
