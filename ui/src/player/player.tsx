/** The player: a session on a timeline, with one cursor that every view follows. */

import { useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Session } from "@/api/types";
import { grouped } from "@/design/format";
import { later } from "@/design/later";
import { useNarrow } from "@/design/narrow";
import { Failed, Loading, Quiet } from "@/design/quiet";
import { Header } from "@/player/header";
import { useKeys } from "@/player/keys";
import { type Loaded, useLoaded, useSession, type Which } from "@/player/load";
import { useMarks } from "@/player/marks";
import { type Asked, addressOf } from "@/player/model/moves";
import type { Layout } from "@/player/reading/layout";
import { Split } from "@/player/split";
import { usePlayer } from "@/player/state";
import { Minimap } from "@/player/timeline/minimap";
import { Timeline } from "@/player/timeline/timeline";
import { Transport } from "@/player/transport";
import { viewOf } from "@/player/views/names";
import { Views } from "@/player/views/views";

const Inspector = later(async () => (await import("@/player/inspector/inspector")).Inspector);

const SETTLED = 250;

export function Player() {
  const { session } = useParams({ from: "/sessions/$session" });
  const { project } = useSearch({ from: "/sessions/$session" });
  const which = useMemo<Which>(
    () => ({ session, project: typeof project === "string" ? project : undefined }),
    [session, project],
  );
  const told = useSession(which);
  const { loaded, error: broken, retry } = useLoaded(which, told.data?.status === "running");
  const error = told.error ?? broken;
  if (error && !(told.data && loaded)) {
    return (
      <Failed
        error={error}
        retry={() => {
          void told.refetch();
          retry();
        }}
      />
    );
  }
  if (!loaded || !told.data) return <Loading what="Opening the session" />;
  return <Stage key={session} which={which} told={told.data} loaded={loaded} />;
}

function Stage({ which, told, loaded }: { which: Which; told: Session; loaded: Loaded }) {
  const { layout, isWhole } = loaded;
  const isNarrow = useNarrow();
  const isAlone = viewOf(useSearch({ from: "/sessions/$session" }).view) === "span";
  const isShown = usePlace(which.session, layout, isWhole);
  useKeys(which);
  useMarks(which);
  if (layout.recording.count === 0) {
    return (
      <div className="flex h-full flex-col">
        <Header told={told} which={which} />
        <Quiet title="Nothing was recorded in this session yet">
          {told.status === "running" && <p>Spans appear here as they come.</p>}
        </Quiet>
      </div>
    );
  }
  if (!isShown) return <Loading what="Opening the session" />;
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_auto_auto_auto_minmax(0,1fr)] bg-panel">
      <Header told={told} which={which} />
      <Transport spans={told.summary.spans} />
      <Minimap />
      <Rest loaded={loaded} />
      <Split name="timeline" way="down" first={<Timeline />} share={isNarrow ? 0.3 : 0.36}>
        {isNarrow || isAlone ? (
          <Views which={which} />
        ) : (
          <Split name="inspector" way="across" first={<Views which={which} />} share={0.5}>
            <Inspector which={which} />
          </Split>
        )}
      </Split>
    </div>
  );
}

/** Word that a part of the session could not be read. */
function Rest({ loaded: { failure, retry, layout } }: { loaded: Loaded }) {
  if (!failure) return <div />;
  return (
    <p role="alert" className="flex items-center gap-3 border-b bg-bad-soft px-3 py-1 text-bad">
      Only the first {grouped(layout.recording.count)} spans could be read: {failure.message}
      <button type="button" onClick={retry} className="underline">
        Try again
      </button>
    </p>
  );
}

/**
 * Has the store show the recording, at the place the address names; and the address name the place of the cursor.
 * Returns whether the store does.
 */
function usePlace(session: string, layout: Layout, isWhole: boolean): boolean {
  const { at, span } = useSearch({ from: "/sessions/$session" });
  const navigate = useNavigate({ from: "/sessions/$session" });
  const router = useRouter();
  const written = useRef<unknown>(undefined);
  // The place of the address counts when the session opens and when the address is changed by others.
  const asked = useRef<Asked>({});
  asked.current = { at, span };
  const [isShown, setShown] = useState(false);
  useLayoutEffect(() => {
    usePlayer.getState().load(session, layout, asked.current, isWhole);
    // Told here and not by the store, of which one hears only when what was there before was painted.
    setShown(true);
  }, [session, layout, isWhole]);
  useEffect(() => {
    if (at !== undefined && at !== written.current) usePlayer.getState().seek({ at });
  }, [at]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const isOnTheWay = () => !router.latestLocation.pathname.endsWith(`/${encodeURIComponent(session)}`);
    const stop = usePlayer.subscribe((now, before) => {
      if (now.cursor === before.cursor && now.selected === before.selected && now.isPlaying === before.isPlaying)
        return;
      clearTimeout(timer);
      if (now.isPlaying) return;
      timer = setTimeout(() => {
        const { recording: shown, cursor, selected, awaited } = usePlayer.getState();
        // Whoever follows a link to another page still sees this one until that is there.
        if (!shown || awaited || isOnTheWay()) return;
        written.current = addressOf(shown, { cursor, selected });
        void navigate({
          search: (before_) => ({ ...before_, at: written.current as string | number, span: undefined }),
          replace: true,
        });
      }, SETTLED);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [navigate, router, session]);
  return isShown;
}
