/** The one way to the server: paths of the documented API, answers as they are, errors as they tell themselves. */

import { address, authority, type Query } from "@/api/address";
import { takeEarly } from "@/api/early";
import type { ErrorBody } from "@/api/types";

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

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
  const sent = { ...headers, ...authority() };
  let answer: Response;
  try {
    const early = method === "GET" ? takeEarly(url) : undefined;
    answer = await (early ??
      fetch(url, {
        method,
        headers: body === undefined ? sent : { ...sent, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      }));
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
