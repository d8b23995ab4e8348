/** How the server is asked: the addresses of its paths, and the key it may want. */

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

const KEY = "agentreplay.key";

/** The key the user gave for a server that wants one. */
export function rememberKey(key: string): void {
  sessionStorage.setItem(KEY, key);
}

/** Whether requests carry a key, which a mere link cannot. */
export function hasKey(): boolean {
  return sessionStorage.getItem(KEY) !== null;
}

/** The headers that carry the key, where there is one. */
export function authority(): Record<string, string> {
  const key = sessionStorage.getItem(KEY);
  return key ? { authorization: `Bearer ${key}` } : {};
}

/** The address of a path of the API with its question. */
export function address(path: string, query: Query = {}): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    if (Array.isArray(value)) for (const one of value) parts.append(name, one);
    else parts.append(name, String(value));
  }
  const text = parts.toString();
  return `/api/v1${path}${text ? `?${text}` : ""}`;
}
