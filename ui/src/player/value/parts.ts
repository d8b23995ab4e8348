/** What a message consists of, whichever provider's words it is in. */

export type Part =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  | { type: "call"; id: string; name: string; arguments: unknown }
  | { type: "result"; id: string; name: string; value: unknown; failed: boolean }
  | { type: "image"; source: string; label: string }
  | { type: "other"; value: unknown };

export interface Said {
  role: string;
  parts: Part[];
}

type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The message taken apart. What nobody knows stays whole, as another thing. */
export function saidIn(message: unknown, role?: string | null): Said {
  if (typeof message === "string") return { role: role ?? "user", parts: [{ type: "text", text: message }] };
  if (!isFields(message))
    return { role: role ?? "", parts: message == null ? [] : [{ type: "other", value: message }] };
  const parts: Part[] = [];
  const item = partOf(message);
  if (!("content" in message) && !("parts" in message) && item.type !== "other") parts.push(item);
  const reasoning = message.reasoning_content ?? message.reasoning;
  if (typeof reasoning === "string" && reasoning) parts.push({ type: "reasoning", text: reasoning });
  if (typeof message.tool_call_id === "string") {
    const name = text(message.name);
    parts.push({ type: "result", id: message.tool_call_id, name, value: plainContent(message.content), failed: false });
  } else parts.push(...contentParts(message.content ?? message.parts));
  if (Array.isArray(message.tool_calls)) parts.push(...message.tool_calls.map(partOf));
  if (parts.length === 0) {
    const { role: _, content: __, ...rest } = message;
    if (Object.keys(rest).length) parts.push({ type: "other", value: rest });
  }
  const told = role ?? (typeof message.role === "string" ? message.role : null);
  return { role: told ?? roleOf(parts), parts };
}

/** Who speaks, where a message does not say. */
function roleOf(parts: readonly Part[]): string {
  const type = parts[0]?.type;
  return type === "result" ? "tool" : type === "call" || type === "reasoning" ? "assistant" : "";
}

function contentParts(content: unknown): Part[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (Array.isArray(content))
    return content.map((one) => (typeof one === "string" ? { type: "text", text: one } : partOf(one)));
  return [partOf(content)];
}

/** A result without the wrapping of its text. */
function plainContent(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const texts = content.map((one) =>
    isFields(one) && typeof one.text === "string" && Object.keys(one).length <= 2 ? one.text : null,
  );
  return texts.every((one) => one !== null) ? texts.join("\n") : content;
}

const READERS: Record<string, (fields: Fields) => Part> = {
  text: (fields) => ({ type: "text", text: text(fields.text ?? fields.content) }),
  input_text: (fields) => ({ type: "text", text: text(fields.text) }),
  output_text: (fields) => ({ type: "text", text: text(fields.text) }),
  refusal: (fields) => ({ type: "text", text: text(fields.refusal) }),
  thinking: (fields) => ({ type: "reasoning", text: text(fields.thinking) }),
  reasoning: (fields) => ({ type: "reasoning", text: summaryOf(fields) }),
  tool_use: (fields) => ({ type: "call", id: text(fields.id), name: text(fields.name), arguments: fields.input }),
  server_tool_use: (fields) => ({
    type: "call",
    id: text(fields.id),
    name: text(fields.name),
    arguments: fields.input,
  }),
  tool_call: (fields) => ({
    type: "call",
    id: text(fields.id),
    name: text(fields.name),
    arguments: read(fields.arguments),
  }),
  function_call: (fields) => ({
    type: "call",
    id: text(fields.call_id),
    name: text(fields.name),
    arguments: read(fields.arguments),
  }),
  tool_result: (fields) => ({
    type: "result",
    id: text(fields.tool_use_id),
    name: "",
    value: plainContent(fields.content),
    failed: fields.is_error === true,
  }),
  tool_call_response: (fields) => ({
    type: "result",
    id: text(fields.id),
    name: text(fields.name),
    value: fields.response ?? fields.result ?? null,
    failed: false,
  }),
  function_call_output: (fields) => ({
    type: "result",
    id: text(fields.call_id),
    name: "",
    value: fields.output,
    failed: false,
  }),
};

function partOf(value: unknown): Part {
  if (!isFields(value)) return { type: "other", value };
  const image = imageOf(value);
  if (image) return image;
  const reader = READERS[text(value.type)];
  if (reader) return reader(value);
  if (isFields(value.function)) {
    const { name, arguments: given } = value.function;
    return { type: "call", id: text(value.id), name: text(name), arguments: read(given) };
  }
  if (isFields(value.functionCall)) {
    return {
      type: "call",
      id: text(value.functionCall.id),
      name: text(value.functionCall.name),
      arguments: value.functionCall.args,
    };
  }
  if (isFields(value.functionResponse)) {
    const { id, name, response } = value.functionResponse;
    return { type: "result", id: text(id), name: text(name), value: response, failed: false };
  }
  if (typeof value.text === "string") return { type: value.thought === true ? "reasoning" : "text", text: value.text };
  return { type: "other", value };
}

/** The image of a part. One at another place is named and not fetched: looking at a recording asks nobody. */
function imageOf(value: Fields): Part | null {
  const url = isFields(value.image_url)
    ? value.image_url.url
    : value.type === "input_image"
      ? value.image_url
      : undefined;
  if (typeof url === "string") return imagePart(url);
  const held = [value.source, value.inlineData, value.inline_data, value].find(
    (one): one is Fields =>
      isFields(one) && typeof (one.data ?? one.content) === "string" && /^image\//.test(mediaOf(one)),
  );
  if (held) return imagePart(`data:${mediaOf(held)};base64,${text(held.data ?? held.content)}`);
  if (value.type === "image" && isFields(value.source) && typeof value.source.url === "string")
    return imagePart(value.source.url);
  return null;
}

function imagePart(source: string): Part {
  const isHeld = source.startsWith("data:image/");
  return { type: "image", source: isHeld ? source : "", label: isHeld ? source.slice(5, source.indexOf(";")) : source };
}

function mediaOf(fields: Fields): string {
  return text(fields.media_type ?? fields.mimeType ?? fields.mime_type);
}

function summaryOf(fields: Fields): string {
  if (typeof fields.content === "string") return fields.content;
  const parts = Array.isArray(fields.summary) ? fields.summary : [];
  return parts.map((one) => (isFields(one) ? text(one.text) : "")).join("\n");
}

/** Arguments as a value; models write them as JSON text. */
export function read(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : value === null || value === undefined ? "" : String(value);
}

/** How much of a context a value takes, in characters. */
export function sizeOf(value: unknown): number {
  if (value === null || value === undefined) return 0;
  return typeof value === "string" ? value.length : JSON.stringify(value).length;
}
