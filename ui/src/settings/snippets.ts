/** What to type so that something records to this server: made of its own address and data folder. */

import { quoted } from "@/app/commands";

export interface Snippet {
  label: string;
  text: string;
}

export interface Source {
  name: string;
  about: string;
  snippets: Snippet[];
}

export interface Here {
  /** The address of this server, as the browser reached it. */
  origin: string;
  /** Its data folder; undefined while it is not known. */
  folder: string | undefined;
  /** How its program is called on this machine. */
  program: string;
  /** Whether the server wants a key. */
  hasKey: boolean;
}

/** Every source, the easiest first. */
export function sourcesOf(here: Here): Source[] {
  return [run(here), sdk(here), telemetry(here), gateway(here), codingAgents(here), json(here)];
}

/** Variables as a shell sets them; those without a value are left out. */
function exported(variables: Record<string, string | false | undefined>): string {
  return Object.entries(variables)
    .filter(([, value]) => value)
    .map(([name, value]) => `export ${name}=${quoted(String(value))}`)
    .join("\n");
}

function isLoopback(origin: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(origin).hostname);
}

function run({ origin, folder, program, hasKey }: Here): Source {
  const key = hasKey && "KEY";
  return {
    name: "A Python program, unchanged",
    about: "Everything it asks models, tools and the network is recorded, and can be replayed.",
    snippets: [
      {
        label: "On this machine",
        text: `${exported({ AGENTREPLAY_DB: folder })}\n${program} run -- python agent.py`.trimStart(),
      },
      // Another machine cannot reach a server that listens only to its own.
      ...(isLoopback(origin)
        ? []
        : [
            {
              label: "On another machine",
              text: `${exported({ AGENTREPLAY_URL: origin, AGENTREPLAY_KEY: key })}\nagentreplay run -- python agent.py`,
            },
          ]),
    ],
  };
}

function sdk({ folder }: Here): Source {
  return {
    name: "The SDK",
    about: "Adds what only the program knows: its agents, steps and tools. What it calls is recorded without that.",
    snippets: [
      {
        label: "Mark sessions and tools",
        text: `import agentreplay


@agentreplay.tool
def lookup_order(order: str) -> dict[str, str]:
    return {"item": "kettle", "status": "shipped"}


@agentreplay.session
def answer(order: str) -> str:
    with agentreplay.span("think"):
        return lookup_order(order)["status"]`,
      },
      ...(folder ? [{ label: "Where it records to", text: exported({ AGENTREPLAY_DB: folder }) }] : []),
    ],
  };
}

function telemetry({ origin, hasKey }: Here): Source {
  const variables = exported({
    OTEL_EXPORTER_OTLP_ENDPOINT: origin,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_HEADERS: hasKey && "authorization=Bearer%20KEY",
    OTEL_RESOURCE_ATTRIBUTES: "agentreplay.project=shop",
  });
  return {
    name: "OpenTelemetry",
    about: "Any exporter works with its defaults and one variable. The project is up to you.",
    snippets: [
      { label: "The environment, in any language", text: variables },
      {
        label: "Python",
        text: "pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http\nopentelemetry-instrument python agent.py",
      },
      {
        label: "JavaScript",
        text: "npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node\nnode --require @opentelemetry/auto-instrumentations-node/register agent.js",
      },
      {
        label: "Go",
        text: `exporter, err := otlptracehttp.New(ctx) // reads the environment
provider := trace.NewTracerProvider(trace.WithBatcher(exporter))
otel.SetTracerProvider(provider)`,
      },
    ],
  };
}

function gateway({ origin, hasKey }: Here): Source {
  const header = hasKey ? " Calls carry the key of this server in the header x-agentreplay-key." : "";
  return {
    name: "The gateway",
    about: `An agent in any language asks this server instead of its provider, and is recorded and replayable.${header}`,
    snippets: [
      { label: "OpenAI", text: exported({ OPENAI_BASE_URL: `${origin}/gateway/openai/v1` }) },
      { label: "Anthropic", text: exported({ ANTHROPIC_BASE_URL: `${origin}/gateway/anthropic` }) },
      { label: "Gemini, as the base URL of its client", text: `${origin}/gateway/gemini` },
      { label: "Ollama, as the address of its client", text: `${origin}/gateway/ollama` },
    ],
  };
}

function codingAgents({ origin, hasKey }: Here): Source {
  return {
    name: "Coding agents",
    about: "Through the gateway with all they ask and are answered, or by their own telemetry.",
    snippets: [
      { label: "Claude Code, through the gateway", text: `ANTHROPIC_BASE_URL=${origin}/gateway/anthropic claude` },
      {
        label: "Claude Code, by its telemetry",
        text: exported({
          CLAUDE_CODE_ENABLE_TELEMETRY: "1",
          OTEL_LOGS_EXPORTER: "otlp",
          OTEL_METRICS_EXPORTER: "otlp",
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
          OTEL_EXPORTER_OTLP_ENDPOINT: origin,
          OTEL_EXPORTER_OTLP_HEADERS: hasKey && "authorization=Bearer%20KEY",
        }),
      },
      {
        label: "Codex, in ~/.codex/config.toml",
        text: `model_provider = "agentreplay"

[model_providers.agentreplay]
name = "agentreplay"
base_url = "${origin}/gateway/openai/v1"
env_key = "OPENAI_API_KEY"
wire_api = "responses"`,
      },
    ],
  };
}

function json({ origin, hasKey }: Here): Source {
  const key = hasKey ? " \\\n  -H 'authorization: Bearer KEY'" : "";
  return {
    name: "Anything that speaks HTTP",
    about: "Sessions and spans as JSON. When the answer comes, they are on the disk.",
    snippets: [
      {
        label: "curl",
        text: `curl ${origin}/api/v1/ingest -H 'content-type: application/json'${key} -d '{
  "project": "shop",
  "spans": [{
    "session": "order-7", "span_id": "00000000000000a1", "kind": "llm", "name": "chat",
    "start": "2026-01-31T12:00:00Z", "end": "2026-01-31T12:00:02Z",
    "provider": "openai", "model": "gpt-4o", "usage": {"input": 1200, "output": 80}
  }]
}'`,
      },
    ],
  };
}
