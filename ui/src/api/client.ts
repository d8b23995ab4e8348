/** The one way to the server: paths of the documented API, answers as they are, errors as they tell themselves. */

import type { ErrorBody } from "@/api/types";

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** What the server says went wrong, or that it cannot be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string,
    readonly hint: string = "",
    /** Where in a filter it cannot be read, counted from 1. */
    readonly column: number | null = null,
  ) {
    super(message);
  }

  /** Whether the server could not be asked at all. */
  get isOffline(): boolean {
    return this.status === 0;
  }
}

const KEY = "agentreplay.key";

/** The key the user gave for a server that wants one. */
export function rememberKey(key: string): void {
  sessionStorage.setItem(KEY, key);
}

/** Whether requests carry a key, which a mere link cannot. */
export function hasKey(): boolean {
  return sessionStorage.getItem(KEY) !== null;
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

export async function get<Answer>(path: string, query?: Query, signal?: AbortSignal): Promise<Answer> {
  return (await ask("GET", address(path, query), undefined, signal)).json() as Promise<Answer>;
}

export async function getText(path: string, query?: Query, signal?: AbortSignal): Promise<string> {
  return (await ask("GET", address(path, query), undefined, signal)).text();
}

export async function getBytes(path: string, query?: Query, signal?: AbortSignal): Promise<ArrayBuffer> {
  return (await ask("GET", address(path, query), undefined, signal)).arrayBuffer();
}

/** The raw answer, for whoever wants its bytes or its headers. */
export async function getRaw(
  path: string,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return ask("GET", address(path), undefined, signal, headers);
}

export async function post<Answer>(path: string, body: unknown = {}, query?: Query): Promise<Answer> {
  return (await ask("POST", address(path, query), body)).json() as Promise<Answer>;
}

export async function patch<Answer>(path: string, body: unknown, query?: Query): Promise<Answer> {
  return (await ask("PATCH", address(path, query), body)).json() as Promise<Answer>;
}

export async function remove<Answer>(path: string, query?: Query): Promise<Answer> {
  return (await ask("DELETE", address(path, query))).json() as Promise<Answer>;
}

async function ask(
  method: string,
  url: string,
  body?: unknown,
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response> {
  const key = sessionStorage.getItem(KEY);
  const sent = { ...headers, ...(key ? { authorization: `Bearer ${key}` } : {}) };
  let answer: Response;
  try {
    answer = await fetch(url, {
      method,
      headers: body === undefined ? sent : { ...sent, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "Offline", "The server does not answer", "Is `agentreplay up` still running?");
  }
  if (answer.ok) return answer;
  throw await failureOf(answer);
}

async function failureOf(answer: Response): Promise<ApiError> {
  try {
    const { error } = (await answer.json()) as ErrorBody;
    return new ApiError(answer.status, error.kind, error.message, error.hint, error.column ?? null);
  } catch {
    return new ApiError(answer.status, "Unexpected", `The server answered ${answer.status} ${answer.statusText}`);
  }
}
