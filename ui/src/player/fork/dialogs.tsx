/** The dialogs of the player; loaded when one is asked for. */

import type { Session } from "@/api/types";
import { useDeeds } from "@/player/deeds";
import { Fork } from "@/player/fork/fork";
import { Replay } from "@/player/fork/replay";
import type { Which } from "@/player/load";
import { Rename } from "@/player/rename";

export default function Dialogs({ which, told }: { which: Which; told: Session }) {
  const { dialog, close } = useDeeds();
  if (dialog === "fork") return <Fork which={which} close={close} />;
  if (dialog === "replay") return <Replay which={which} told={told} close={close} />;
  if (dialog === "rename") return <Rename which={which} told={told} close={close} />;
  return null;
}
