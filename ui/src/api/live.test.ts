import { expect, test } from "vitest";

import { eventsIn } from "@/api/live";

test("whole events are read, and the beginning of the next is kept", () => {
  const { events, left } = eventsIn('event: span\nid: 7\ndata: {"seq":3}\n\nevent: heartbeat\ndata: {}\n\nevent: sp');

  expect(events).toEqual([
    { name: "span", id: "7", data: { seq: 3 } },
    { name: "heartbeat", data: {} },
  ]);
  expect(left).toBe("event: sp");
});
