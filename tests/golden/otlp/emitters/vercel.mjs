// Vercel's AI SDK with its telemetry: a tool in two steps, a streamed answer, an object and an embedding.
import { createOpenAI } from "@ai-sdk/openai";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { embed, generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
provider.register();
const openai = createOpenAI({ baseURL: process.env.OPENAI_BASE_URL, apiKey: "scripted" });
const telemetry = {
  isEnabled: true,
  functionId: "forecaster",
  metadata: { sessionId: "conversation-7", userId: "ada" },
};
const model = openai.chat("gpt-5-mini");
const getWeather = tool({
  description: "The weather in a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, sky: "rain" }),
});

await generateText({
  model,
  system: "Answer in one sentence.",
  prompt: "What is the weather in Paris?",
  tools: { get_weather: getWeather },
  stopWhen: stepCountIs(3),
  experimental_telemetry: telemetry,
});
const streamed = streamText({ model, prompt: "And in Oslo?", experimental_telemetry: telemetry });
for await (const _ of streamed.textStream) {
  // The telemetry ends with the stream.
}
await generateObject({
  model,
  schema: z.object({ sky: z.string() }),
  prompt: "The sky of Rome as an object",
  experimental_telemetry: telemetry,
});
await embed({
  model: openai.embedding("text-embedding-3-small"),
  value: "rain in Paris",
  experimental_telemetry: telemetry,
});
await provider.shutdown();
