/** The terms of a filter, for whoever adds one to it or takes one away. What they mean only the server knows. */

const TERM = /(?:"(?:[^"\\]|\\.)*"?|[^\s"])+/g;
const PLAIN = /^[^\s,"*\\]+$/;

/** The conditions and words of a filter, as they are typed. */
export function termsOf(filter: string): string[] {
  return filter.match(TERM) ?? [];
}

/** A condition as it is typed: in quotes where it has to be. */
export function condition(field: string, value: string): string {
  const typed = PLAIN.test(value) ? value : `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  return `${field}:${typed}`;
}

/** The filter with the condition added at its end, or without it when it has it. */
export function toggled(filter: string, term: string): string {
  const terms = termsOf(filter);
  const rest = terms.filter((one) => one !== term);
  return (rest.length < terms.length ? rest : [...terms, term]).join(" ");
}

/** Put a suggestion in the place of what is typed between `start` and the cursor. */
export function completed(
  text: string,
  start: number,
  cursor: number,
  suggestion: string,
): { text: string; cursor: number } {
  const isOpen = /[:=<>.]$/.test(suggestion);
  const after = text.slice(cursor);
  const gap = isOpen || after.startsWith(" ") ? "" : " ";
  return {
    text: text.slice(0, start) + suggestion + gap + after,
    cursor: start + suggestion.length + (isOpen ? 0 : 1),
  };
}

/** A column that the server counts in characters, as the index of the text here, which counts UTF-16 units. */
export function indexOfColumn(text: string, column: number): number {
  return [...text].slice(0, column - 1).join("").length;
}
