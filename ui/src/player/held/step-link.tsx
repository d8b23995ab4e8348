/** The way to the span that did something: in this session, or in another. */

import { Link } from "@tanstack/react-router";

import { indexOf } from "@/player/model/recording";
import { usePlayer } from "@/player/state";

interface Props {
  session: string;
  span: string | null;
  project: string;
  /** The session that is open. */
  here: string;
}

export function StepLink({ session, span, project, here }: Props) {
  const index = usePlayer(({ recording }) => (recording && span ? indexOf(recording, span) : -1));
  if (session !== here)
    return (
      <Link
        to="/sessions/$session"
        params={{ session }}
        search={{ project, ...(span ? { span } : {}) }}
        className="text-accent hover:underline"
      >
        another session
      </Link>
    );
  if (index < 0) return <span>this session</span>;
  return (
    <button
      type="button"
      className="text-accent hover:underline"
      onClick={() => usePlayer.getState().select(index)}
    >{`step ${index + 1}`}</button>
  );
}
