/** What kinds and statuses look like, the same everywhere: one colour, one glyph. Nothing is told by colour alone. */

import {
  Bot,
  Braces,
  BrainCircuit,
  CircleDashed,
  Database,
  Flag,
  FolderTree,
  Footprints,
  Gauge,
  Globe,
  Layers,
  Library,
  ListTree,
  type LucideIcon,
  MessagesSquare,
  Plug,
  ScanText,
  ShieldCheck,
  Sparkles,
  SquareFunction,
  TriangleAlert,
  User,
  Waypoints,
  Wrench,
} from "lucide-react";

export type Tone = "model" | "tool" | "agent" | "step" | "knowledge" | "wire" | "check" | "error" | "other";

export interface Look {
  tone: Tone;
  glyph: LucideIcon;
  label: string;
}

const LOOKS: Record<string, Look> = {
  session: { tone: "agent", glyph: Layers, label: "Session" },
  agent: { tone: "agent", glyph: Bot, label: "Agent" },
  step: { tone: "step", glyph: Footprints, label: "Step" },
  planning: { tone: "step", glyph: ListTree, label: "Planning" },
  reasoning: { tone: "model", glyph: BrainCircuit, label: "Reasoning" },
  llm: { tone: "model", glyph: Sparkles, label: "Model call" },
  tool: { tone: "tool", glyph: Wrench, label: "Tool" },
  retrieval: { tone: "knowledge", glyph: Library, label: "Retrieval" },
  embedding: { tone: "knowledge", glyph: Waypoints, label: "Embedding" },
  rerank: { tone: "knowledge", glyph: Gauge, label: "Reranking" },
  memory: { tone: "knowledge", glyph: MessagesSquare, label: "Memory" },
  mcp: { tone: "wire", glyph: Plug, label: "MCP" },
  http: { tone: "wire", glyph: Globe, label: "HTTP" },
  database: { tone: "wire", glyph: Database, label: "Database" },
  guardrail: { tone: "check", glyph: ShieldCheck, label: "Guardrail" },
  evaluation: { tone: "check", glyph: Gauge, label: "Evaluation" },
  human: { tone: "check", glyph: User, label: "Human" },
  parsing: { tone: "step", glyph: ScanText, label: "Parsing" },
  function: { tone: "step", glyph: SquareFunction, label: "Function" },
  checkpoint: { tone: "check", glyph: Flag, label: "Checkpoint" },
  error: { tone: "error", glyph: TriangleAlert, label: "Error" },
  workspace: { tone: "knowledge", glyph: FolderTree, label: "Workspace" },
  custom: { tone: "other", glyph: Braces, label: "Custom" },
};

/** How a kind looks. An unknown kind keeps its own name. */
export function lookOf(kind: string): Look {
  return LOOKS[kind] ?? { tone: "other", glyph: CircleDashed, label: kind };
}

/** The colour of a tone as it is in the present theme, for canvases, which know no variables. */
export function colourOf(tone: Tone): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--kind-${tone}`).trim();
}

export const TONES: readonly Tone[] = [
  "model",
  "tool",
  "agent",
  "step",
  "knowledge",
  "wire",
  "check",
  "error",
  "other",
];
