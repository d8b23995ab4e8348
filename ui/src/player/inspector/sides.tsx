/** What was asked and what came back, of calls that are not to a model whose words we know. */

import type { UseQueryResult } from "@tanstack/react-query";

import type { Exchange, Side } from "@/api/types";
import { bytes } from "@/design/format";
import { Failed, Loading } from "@/design/quiet";
import { spokenIn } from "@/player/inspector/answered";
import type { SpanName } from "@/player/inspector/ask";
import { LARGEST } from "@/player/inspector/ask";
import { Parts } from "@/player/inspector/message";
import { Section } from "@/player/inspector/section";
import { Payload } from "@/player/payload/payload";
import { Value } from "@/player/value/value";

interface Props {
  call: UseQueryResult<Exchange, Error>;
  span: SpanName;
  holdsMessages: boolean;
  spoke: boolean;
}

export function Sides({ call, span, holdsMessages, spoke }: Props) {
  if (call.error) return <Failed error={call.error} />;
  if (!call.data) return <Loading what="Reading the call" />;
  const { asked, answered } = call.data;
  const spoken = spokenIn(call.data);
  return (
    <>
      {asked && !holdsMessages && (
        <Section title="Input" aside={bytes(asked.bytes)}>
          <Body side={asked} path={`${span.path}/call/request`} span={span} />
        </Section>
      )}
      {answered && !spoke && (
        <Section title="Output" aside={answered.raised ? "raised an error" : bytes(answered.bytes)}>
          {spoken ? <Parts parts={spoken} /> : <Body side={answered} path={`${span.path}/call/answer`} span={span} />}
        </Section>
      )}
      {!answered && call.data.recorded && (
        <Section title="Output">
          <p className="text-ink-faint">No answer was recorded.</p>
        </Section>
      )}
    </>
  );
}

function Body({ side, path, span }: { side: Side; path: string; span: SpanName }) {
  if (side.raised) {
    return (
      <div className="rounded-md bg-bad-soft px-2 py-1.5">
        <p className="font-medium text-bad">{side.raised.name}</p>
        <p className="break-words whitespace-pre-wrap">{side.raised.message}</p>
      </div>
    );
  }
  if (side.bytes > LARGEST || (side.value === null && side.bytes > 4 && !side.media.includes("json")))
    return <Payload path={path} project={span.project} size={side.bytes} media={side.media} />;
  return <Value value={side.value} />;
}
