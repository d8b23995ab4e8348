import { expect, test } from "vitest";

import { type Part, saidIn } from "@/player/value/parts";

const CALL: Part = { type: "call", id: "c1", name: "look", arguments: { at: 7 } };
const PIXEL = "iVBORw0KGgo=";

test.each<[string, unknown, string, Part[]]>([
  ["plain text", { role: "user", content: "Hi" }, "user", [{ type: "text", text: "Hi" }]],
  [
    "a call of OpenAI, with text",
    {
      role: "assistant",
      content: "Wait",
      tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: '{"at":7}' } }],
    },
    "assistant",
    [{ type: "text", text: "Wait" }, CALL],
  ],
  [
    "a result of OpenAI",
    { role: "tool", tool_call_id: "c1", content: "found" },
    "tool",
    [{ type: "result", id: "c1", name: "", value: "found", failed: false }],
  ],
  [
    "a call of the Responses API",
    { type: "function_call", call_id: "c1", name: "look", arguments: '{"at":7}' },
    "assistant",
    [CALL],
  ],
  [
    "thinking, a call and a failed result of Anthropic",
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm" },
        { type: "tool_use", id: "c1", name: "look", input: { at: 7 } },
        { type: "tool_result", tool_use_id: "c1", content: [{ type: "text", text: "no" }], is_error: true },
      ],
    },
    "assistant",
    [{ type: "reasoning", text: "hm" }, CALL, { type: "result", id: "c1", name: "", value: "no", failed: true }],
  ],
  [
    "parts of OpenTelemetry",
    {
      role: "assistant",
      parts: [
        { type: "text", content: "Yes" },
        { type: "tool_call", id: "c1", name: "look", arguments: { at: 7 } },
      ],
    },
    "assistant",
    [{ type: "text", text: "Yes" }, CALL],
  ],
  [
    "a call of Gemini",
    { role: "model", parts: [{ functionCall: { id: "c1", name: "look", args: { at: 7 } } }] },
    "model",
    [CALL],
  ],
  [
    "an image that is there",
    { role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } }] },
    "user",
    [{ type: "image", source: `data:image/png;base64,${PIXEL}`, label: "image/png" }],
  ],
  [
    "an image elsewhere, which is not fetched",
    { role: "user", content: [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }] },
    "user",
    [{ type: "image", source: "", label: "https://example.com/a.png" }],
  ],
  [
    "what nobody knows",
    { role: "user", content: [{ type: "hologram", depth: 3 }] },
    "user",
    [{ type: "other", value: { type: "hologram", depth: 3 } }],
  ],
  ["nothing", { role: "assistant", content: null }, "assistant", []],
])("%s", (_, message, role, parts) => expect(saidIn(message)).toEqual({ role, parts }));
