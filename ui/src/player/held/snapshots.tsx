/** The snapshots that were taken in a session, each with what is told of it. */

import { Camera } from "lucide-react";

import type { Shelved, SnapshotMetadata } from "@/api/types";
import { bytes } from "@/design/format";
import type { Step } from "@/player/held/ask";
import { useTaken } from "@/player/held/taken";
import { Section } from "@/player/inspector/section";
import { latestAt } from "@/player/model/recording";
import { usePlayer } from "@/player/state";

type Whole = Shelved & { metadata: SnapshotMetadata };

const isWhole = (one: Shelved): one is Whole => one.metadata !== null;

export function Snapshots({ step }: { step: Step }) {
  const taken = useTaken(step.session);
  const recording = usePlayer((state) => state.recording);
  const items = (taken.data?.items ?? []).filter(isWhole).toSorted(byTime);
  if (!recording || items.length === 0) return null;
  const stepOf = ({ metadata }: Whole) => latestAt(recording, Number(BigInt(metadata.timestamp) - recording.base)) + 1;
  const last = items.findLast((one) => stepOf(one) <= step.at);
  return (
    <Section
      title="Snapshots"
      aside={last ? `last taken: ${last.metadata.description || last.name}` : "none taken yet"}
    >
      <ol className="flex flex-col divide-y">
        {items.map((one) => (
          <li
            key={one.name}
            aria-current={one === last ? "step" : undefined}
            className="flex flex-wrap items-center gap-x-2 px-1 py-1 aria-[current]:bg-accent-soft"
          >
            <Camera aria-hidden className={`size-3.5 ${stepOf(one) <= step.at ? "text-check" : "text-ink-faint"}`} />
            <span className="font-medium">{one.metadata.description || one.name}</span>
            <span className="text-sm text-ink-faint">
              of {one.metadata.agent_id}, {bytes(one.metadata.uncompressed_size)}
              {one.metadata.encryption === "none" ? "" : ", encrypted"}, taken in{" "}
              <button
                type="button"
                className="text-accent hover:underline"
                onClick={() => usePlayer.getState().select(stepOf(one) - 1)}
              >{`step ${stepOf(one)}`}</button>
            </span>
            <span className="ml-auto max-w-60 truncate font-mono text-sm text-ink-faint" title={one.name}>
              {one.name}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

const byTime = (one: Whole, other: Whole) =>
  BigInt(one.metadata.timestamp) < BigInt(other.metadata.timestamp) ? -1 : 1;
