import { expect, test } from "vitest";

import { ago, bytes, clock, count, duration, grouped, money, share } from "@/design/format";

test.each([
  ["0", "0 ns"],
  ["999", "999 ns"],
  ["1500", "1.5 µs"],
  ["12340000", "12.3 ms"],
  ["59900000000", "59.9 s"],
  ["60000000000", "1 m 00 s"],
  ["7500000000000", "2 h 05 m"],
])("%s nanoseconds are %s", (given, told) => expect(duration(given)).toBe(told));

test.each([
  [null, "—"],
  ["0", "$0"],
  ["75750", "$0.000076"],
  ["12345678", "$0.012"],
  ["1234567890123", "$1,234.57"],
])("%s nano-dollars are %s", (given, told) => expect(money(given)).toBe(told));

test.each([
  [0, "0"],
  [9_999, "9,999"],
  [14_230, "14.2k"],
  [3_100_000, "3.1M"],
])("a count of %s is %s", (given, told) => expect(count(given)).toBe(told));

test("bytes are counted in powers of 1024", () => {
  expect([bytes(512), bytes(2048), bytes(82 * 1024 * 1024)]).toEqual(["512 B", "2 KiB", "82 MiB"]);
});

test("moments are told from where one stands", () => {
  const now = Date.UTC(2026, 2, 31, 12, 0, 0);
  const before = (seconds: number) => String(BigInt(now - seconds * 1000) * 1_000_000n);
  expect([ago(before(2), now), ago(before(42), now), ago(before(240), now)]).toEqual([
    "just now",
    "42 s ago",
    "4 min ago",
  ]);
  expect(ago(before(86_400 * 40), now)).toMatch(/^\d+ Feb 2026$/);
  expect(ago(before(7_200), now)).toMatch(/^(?:today|yesterday) \d\d:\d\d$/);
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [12345678, "12,345,678"],
])("%s is written %s", (given, told) => expect(grouped(given)).toBe(told));

test.each([
  [1, 3, "33 %"],
  [1, 16, "6.3 %"],
  [1, 800, "0.13 %"],
  [0, 8, "0.0 %"],
  [0, 0, "—"],
])("%s of %s is %s", (part, whole, told) => expect(share(part, whole)).toBe(told));

test("the clock is as fine as the session is short", () => {
  expect(clock(1_500_000_000, 60e9)).toBe("0:01.500");
  expect(clock(3_725_400_000_000, 4000e9)).toBe("1:02:05.4");
});
