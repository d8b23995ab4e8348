/** What was asked of the server before the page had its scripts, by the first lines of the page. */

import { address, authority, type Query } from "@/api/address";

declare global {
  interface Window {
    early?: Map<string, Promise<Response>>;
  }
}

/** Ask at once, for whoever wants it soon. */
export function askEarly(path: string, query: Query): void {
  const url = address(path, query);
  const answer = fetch(url, { headers: authority() });
  // Whoever takes it hears what went wrong.
  answer.catch(() => undefined);
  window.early ??= new Map();
  window.early.set(url, answer);
}

/** The answer that is on its way already; each is taken once, because later it may be another. */
export function takeEarly(url: string): Promise<Response> | undefined {
  const answer = window.early?.get(url);
  window.early?.delete(url);
  return answer;
}
