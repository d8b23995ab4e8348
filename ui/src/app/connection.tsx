/** Says when the server is away, or wants a key; and goes on when it is back. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { rememberKey } from "@/api/address";
import { ApiError, get } from "@/api/client";
import { Button } from "@/design/button";
import { usePainted } from "@/design/later";

const UNAUTHORISED = 401;

export function Connection() {
  const queries = useQueryClient();
  const isPainted = usePainted();
  const [key, setKey] = useState("");
  const version = useQuery({
    queryKey: ["version"],
    queryFn: ({ signal }) => get<{ version: string }>("/version", {}, signal),
    refetchInterval: (query) => (query.state.error ? 2_000 : 15_000),
    retry: false,
    enabled: isPainted,
  });
  const error = version.error;
  if (!(error instanceof ApiError)) return null;
  if (error.status === UNAUTHORISED) {
    return (
      <form
        className="flex items-center gap-2 border-b bg-warn-soft px-4 py-2"
        onSubmit={(event) => {
          event.preventDefault();
          rememberKey(key);
          void queries.invalidateQueries();
        }}
      >
        <label className="flex grow items-center gap-2">
          This server wants a key
          <input
            type="password"
            autoComplete="off"
            value={key}
            onChange={(event) => setKey(event.target.value)}
            className="h-7 max-w-sm grow rounded-md border bg-panel px-2"
          />
        </label>
        <Button type="submit" look="main">
          Use it
        </Button>
      </form>
    );
  }
  return (
    <p role="alert" className="border-b bg-warn-soft px-4 py-1.5 text-warn">
      {error.message}. {error.hint} What you see is what was known last.
    </p>
  );
}
