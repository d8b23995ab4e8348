/** The commands that begin a recording, right for the server that shows them. */

import type { Way } from "@/app/commands";

export interface Place {
  /** Where the server is reached: `http://127.0.0.1:47100`. */
  origin: string;
  /** How a command of ours begins. */
  program: string;
  needsKey: boolean;
}

/** Three ways to begin. */
export function waysToBegin({ origin, program, needsKey }: Place): Way[] {
  return [
    {
      title: "Run the demo",
      what: "A small agent is recorded, replayed and forked: offline, in a few seconds.",
      commands: [{ label: "the demo", text: `${program} demo` }],
    },
    {
      title: "Record a program",
      what: "An unchanged Python program. Put this before the command that runs it.",
      commands: [{ label: "record a program", text: `${program} run -- python my_agent.py` }],
    },
    {
      title: "Connect what you have",
      what: "A coding agent, a program in any language, or whatever speaks OpenTelemetry.",
      commands: [
        {
          label: "Claude Code",
          text: [
            ...(needsKey ? ['ANTHROPIC_CUSTOM_HEADERS="x-agentreplay-key: YOUR_KEY" \\'] : []),
            `ANTHROPIC_BASE_URL=${origin}/gateway/anthropic claude`,
          ].join("\n"),
        },
        // A variable carries the address only, and a server with a key wants that too.
        ...(needsKey ? [] : [{ label: "OpenAI clients", text: `export OPENAI_BASE_URL=${origin}/gateway/openai/v1` }]),
        {
          label: "OpenTelemetry",
          text: [
            `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}`,
            "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            ...(needsKey ? ['export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20YOUR_KEY"'] : []),
          ].join("\n"),
        },
      ],
    },
  ];
}
