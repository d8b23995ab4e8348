/** Who called whom: agents left of the models and tools they used. */

import { useMemo, useState } from "react";

import { count, duration, money } from "@/design/format";
import { lookOf, type Tone } from "@/design/kinds";
import { Quiet } from "@/design/quiet";
import { type Edge, graphOf, type Node } from "@/player/model/graph";
import { usePlayer } from "@/player/state";

const [WIDE, HIGH, ACROSS, DOWN, EDGE] = [190, 46, 120, 18, 20];
const FILL: Record<Tone, string> = {
  model: "fill-model",
  tool: "fill-tool",
  agent: "fill-agent",
  step: "fill-step",
  knowledge: "fill-knowledge",
  wire: "fill-wire",
  check: "fill-check",
  error: "fill-error",
  other: "fill-other",
};
const MOST = 300;
/** How small it may be drawn where there is little room. */
const SMALLEST = 0.6;
const FEW = 14;

export function Graph() {
  const recording = usePlayer((state) => state.recording);
  const [hovered, setHovered] = useState<string | null>(null);
  const graph = useMemo(() => recording && graphOf(recording), [recording]);
  if (!graph) return null;
  if (graph.nodes.length === 0) return <Quiet title="No agent, model or tool is named in this session" />;
  const nodes = graph.nodes.filter((node) => node.place * graph.columns < MOST);
  const places = new Map(nodes.map((node) => [node.key, spot(node, graph.tallest, nodes)]));
  const most = Math.max(...graph.edges.map((edge) => edge.count), 1);
  const width = graph.columns * (WIDE + ACROSS) - ACROSS + EDGE * 2;
  const height = Math.max(...[...places.values()].map(({ y }) => y + HIGH)) + EDGE;
  const isNear = (edge: Edge) => hovered === null || edge.from === hovered || edge.to === hovered;
  return (
    <div className="h-full overflow-auto">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand for a drawing */}
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label="Who called whom"
        className="mx-auto block w-full"
        style={{ maxWidth: width, minWidth: width * SMALLEST }}
      >
        {graph.edges.map((edge) => {
          const [from, to] = [places.get(edge.from), places.get(edge.to)];
          if (!from || !to) return null;
          return (
            <Way
              key={`${edge.from} ${edge.to}`}
              edge={edge}
              from={from}
              to={to}
              strength={edge.count / most}
              isNear={isNear(edge)}
              isTold={graph.edges.length <= FEW || (hovered !== null && isNear(edge))}
            />
          );
        })}
        {nodes.map((node) => (
          <Box key={node.key} node={node} at={places.get(node.key) as Spot} hover={setHovered} />
        ))}
      </svg>
      {nodes.length < graph.nodes.length && (
        <p className="p-2 text-center text-sm text-ink-faint">
          {graph.nodes.length - nodes.length} more, called less often, are not drawn
        </p>
      )}
    </div>
  );
}

interface Spot {
  x: number;
  y: number;
}

/** Each column stands in the middle of the tallest one. */
function spot(node: Node, tallest: number, nodes: readonly Node[]): Spot {
  const many = nodes.filter((one) => one.column === node.column).length;
  const shift = ((Math.min(tallest, MOST) - many) * (HIGH + DOWN)) / 2;
  return { x: EDGE + node.column * (WIDE + ACROSS), y: EDGE + Math.min(shift, 60) + node.place * (HIGH + DOWN) };
}

function Way({
  edge,
  from,
  to,
  strength,
  isNear,
  isTold,
}: {
  edge: Edge;
  from: Spot;
  to: Spot;
  strength: number;
  isNear: boolean;
  isTold: boolean;
}) {
  const isForth = to.x > from.x;
  const [x1, y1] = [from.x + (isForth ? WIDE : WIDE / 2), from.y + (isForth ? HIGH / 2 : HIGH)];
  const [x2, y2] = [to.x + (isForth ? 0 : WIDE / 2), to.y + (isForth ? HIGH / 2 : HIGH)];
  const bend = isForth ? (x2 - x1) / 2 : 60;
  const path = isForth
    ? `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`
    : `M${x1},${y1} C${x1},${y1 + bend} ${x2},${y2 + bend} ${x2},${y2}`;
  return (
    <g className={`${edge.errors ? "text-bad" : "text-ink-faint"} ${isNear ? "" : "opacity-20"}`}>
      <path d={path} fill="none" stroke="currentColor" strokeWidth={1 + strength * 4} strokeOpacity={0.55} />
      {isTold && (
        <text x={x2 - (isForth ? 8 : 0)} y={y2 - 6} textAnchor="end" className="fill-ink-soft text-xs">
          {count(edge.count)}×{edge.errors ? `, ${edge.errors} failed` : ""}
        </text>
      )}
    </g>
  );
}

function Box({ node, at, hover }: { node: Node; at: Spot; hover: (key: string | null) => void }) {
  const look = lookOf(node.kind);
  const facts = [`${count(node.count)}×`, duration(Math.round(node.time)), node.cost === null ? "" : money(node.cost)]
    .filter(Boolean)
    .join(" · ");
  const room = 24;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot stand in a drawing
    <g
      role="button"
      tabIndex={0}
      className="cursor-pointer"
      transform={`translate(${at.x} ${at.y})`}
      onMouseEnter={() => hover(node.key)}
      onMouseLeave={() => hover(null)}
      onClick={() => usePlayer.getState().select(node.first)}
      onKeyDown={(event) => event.key === "Enter" && usePlayer.getState().select(node.first)}
    >
      <rect width={WIDE} height={HIGH} rx={6} className="fill-panel stroke-line-strong" />
      <rect width={4} height={HIGH} rx={2} className={FILL[look.tone]} />
      <look.glyph x={12} y={9} width={13} height={13} className={FILL[look.tone].replace("fill-", "text-")} />
      <text x={31} y={20} className="fill-ink font-medium">
        {node.name.length > room ? `${node.name.slice(0, room - 1)}…` : node.name}
      </text>
      <text x={12} y={37} className="fill-ink-faint text-xs">
        {facts}
      </text>
      {node.errors > 0 && (
        <text x={WIDE - 8} y={37} textAnchor="end" className="fill-bad text-xs">
          {node.errors} failed
        </text>
      )}
    </g>
  );
}
