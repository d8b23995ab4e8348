/** Asks how a record is to end, and for good only after a second thought; then says what went. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { post } from "@/api/client";
import type { Forgotten, ToldRecord, WishedEnd } from "@/api/types";
import { Button } from "@/design/button";
import { Dialog } from "@/design/dialog";
import { grouped } from "@/design/format";
import { Sure } from "@/design/sure";
import type { Collection } from "@/memory/place";

type How = WishedEnd["how"];

interface Props {
  whose: Collection;
  record: ToldRecord;
  close: () => void;
  /** Told as soon as the record is forgotten, so that nobody asks for it any more. */
  onGone: () => Promise<void>;
}

const WAYS: readonly { how: How; label: string; about: string; does: string }[] = [
  {
    how: "expire",
    label: "Let it expire",
    about: "It holds no longer, and searches leave it out. It stays where it is.",
    does: "Let it expire",
  },
  {
    how: "remove",
    label: "Remove it",
    about: "It leaves the collection. Its versions stay, and so does what was known earlier.",
    does: "Remove it",
  },
  {
    how: "forget",
    label: "Forget it for good",
    about: "Every version goes, with its words and vectors. No file of the store has its bytes afterwards.",
    does: "Forget it for good",
  },
];

export function EndDialog({ whose, record, close, onGone }: Props) {
  const queries = useQueryClient();
  const [how, setHow] = useState<How>("expire");
  const [isSure, setSure] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [gone, setGone] = useState<Forgotten | null>(null);
  const way = WAYS.find((one) => one.how === how) as (typeof WAYS)[number];
  const { collection, owner, project } = whose;

  const end = async () => {
    setBusy(true);
    setError(null);
    const wish: WishedEnd = { records: [record.id], how, collection, owner };
    try {
      const told = await post<Forgotten>("/memory/end", wish, { project });
      if (how === "forget") {
        await onGone();
        setGone(told);
      } else close();
      // All else is asked anew when the collection says that it changed.
      void queries.invalidateQueries({ queryKey: ["memory", "collections"] });
    } catch (failure) {
      setError(failure as Error);
    }
    setBusy(false);
  };
  return (
    <Dialog title={gone ? "What was forgotten" : "How is it to end?"} isOpen close={() => !isBusy && close()}>
      <div className="flex min-h-0 flex-col gap-3 overflow-y-auto p-4">
        {gone ? (
          <p>
            {plural(gone.records, "record")} with {plural(gone.versions, "version")} and{" "}
            {plural(gone.vectors, "vector")} went for good.
          </p>
        ) : (
          <>
            <p className="line-clamp-3 break-words text-ink-soft">{record.text}</p>
            <fieldset className="flex flex-col gap-2">
              <legend className="sr-only">How it ends</legend>
              {WAYS.map((one) => (
                <label
                  key={one.how}
                  className={`flex cursor-pointer gap-2 rounded-md border p-2 ${how === one.how ? "border-accent" : ""}`}
                >
                  <input
                    type="radio"
                    name="how"
                    checked={how === one.how}
                    onChange={() => setHow(one.how)}
                    className="mt-0.5 size-3.5 accent-(--accent)"
                  />
                  <span>
                    <span className="block font-medium">{one.label}</span>
                    <span className="text-ink-soft">{one.about}</span>
                  </span>
                </label>
              ))}
            </fieldset>
            {how === "forget" && <Sure isSure={isSure} change={setSure} />}
            {error && (
              <p role="alert" className="rounded-md bg-bad-soft p-2 text-bad">
                {error.message}
              </p>
            )}
          </>
        )}
      </div>
      <footer className="flex justify-end gap-2 border-t p-3">
        <Button onClick={close} disabled={isBusy}>
          {gone ? "Close" : "Keep"}
        </Button>
        {!gone && (
          <Button
            look={how === "forget" ? "danger" : "main"}
            disabled={isBusy || (how === "forget" && !isSure)}
            onClick={() => void end()}
          >
            {way.does}
          </Button>
        )}
      </footer>
    </Dialog>
  );
}

const plural = (many: number, what: string) => `${grouped(many)} ${many === 1 ? what : `${what}s`}`;
