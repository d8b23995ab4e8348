/** The player: a session on a timeline, with one cursor that every view follows. */

import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";

import { useNarrow } from "@/design/narrow";
import { Failed, Loading, Quiet } from "@/design/quiet";
import { Header } from "@/player/header";
import { Inspector } from "@/player/inspector/inspector";
import { useKeys } from "@/player/keys";
import { useColumns, useFollowing, useSession, type Which } from "@/player/load";
import { addressOf, placeOf } from "@/player/model/moves";
import { recordingOf } from "@/player/model/recording";
import { Split } from "@/player/split";
import { usePlayer } from "@/player/state";
import { Minimap } from "@/player/timeline/minimap";
import { Timeline } from "@/player/timeline/timeline";
import { Transport } from "@/player/transport";
import { viewOf } from "@/player/views/names";
import { Views } from "@/player/views/views";

const SETTLED = 250;

export function Player() {
  const { session } = useParams({ from: "/sessions/$session" });
  const { project } = useSearch({ from: "/sessions/$session" });
  const which: Which = { session, project: typeof project === "string" ? project : undefined };
  const told = useSession(which);
  const columns = useColumns(which);
  useFollowing(which, told.data?.status === "running");
  const error = told.error ?? columns.error;
  if (error && !columns.data) {
    return (
      <Failed
        error={error}
        retry={() => {
          void told.refetch();
          void columns.refetch();
        }}
      />
    );
  }
  if (!columns.data || !told.data) return <Loading what="Opening the session" />;
  return <Stage key={session} which={which} told={told.data} stretches={columns.data} />;
}

interface StageProps {
  which: Which;
  told: NonNullable<ReturnType<typeof useSession>["data"]>;
  stretches: NonNullable<ReturnType<typeof useColumns>["data"]>;
}

function Stage({ which, told, stretches }: StageProps) {
  const recording = useMemo(() => recordingOf(stretches), [stretches]);
  const isLoaded = usePlayer((state) => state.recording === recording);
  const isNarrow = useNarrow();
  const isAlone = viewOf(useSearch({ from: "/sessions/$session" }).view) === "span";
  usePlace(which.session, recording);
  useKeys(which);
  if (recording.count === 0) {
    return (
      <div className="flex h-full flex-col">
        <Header told={told} which={which} />
        <Quiet title="Nothing was recorded in this session yet">
          {told.status === "running" && <p>Spans appear here as they come.</p>}
        </Quiet>
      </div>
    );
  }
  if (!isLoaded) return <Loading what="Opening the session" />;
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_auto_auto_minmax(0,1fr)] bg-panel">
      <Header told={told} which={which} />
      <Transport />
      <Minimap />
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

/** Has the store show the recording, at the place the address names; and the address name the place of the cursor. */
function usePlace(session: string, recording: ReturnType<typeof recordingOf>): void {
  const { at, span } = useSearch({ from: "/sessions/$session" });
  const navigate = useNavigate({ from: "/sessions/$session" });
  const written = useRef<unknown>(undefined);
  // The place of the address counts when the session opens and when the address is changed by others.
  const asked = useRef({ at, span });
  asked.current = { at, span };
  useEffect(() => {
    usePlayer.getState().load(session, recording, placeOf(recording, asked.current.at, asked.current.span));
  }, [session, recording]);
  useEffect(() => {
    if (at === undefined || at === written.current) return;
    const place = placeOf(recording, at, undefined);
    const now = usePlayer.getState();
    if (place.cursor !== now.cursor || place.selected !== now.selected) {
      now.select(place.selected);
      now.scrub(place.cursor);
      usePlayer.setState(place);
    }
  }, [at, recording]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const stop = usePlayer.subscribe((now, before) => {
      if (now.cursor === before.cursor && now.selected === before.selected && now.isPlaying === before.isPlaying)
        return;
      clearTimeout(timer);
      if (now.isPlaying) return;
      timer = setTimeout(() => {
        const { recording: shown, cursor, selected } = usePlayer.getState();
        if (!shown) return;
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
  }, [navigate]);
}
