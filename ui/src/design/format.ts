/** Numbers as people read them. Nanoseconds and nano-dollars come as decimal text, because they exceed 2^53. */

const SECOND = 1_000_000_000n;

/** A length of time, from "340 µs" to "2 h 05 m". */
export function duration(nanoseconds: string | number | bigint): string {
  const value = BigInt(nanoseconds);
  const number = Number(value);
  if (number < 1_000) return `${number} ns`;
  if (number < 1_000_000) return `${shortened(number / 1e3)} µs`;
  if (number < 1_000_000_000) return `${shortened(number / 1e6)} ms`;
  if (value < 60n * SECOND) return `${shortened(number / 1e9)} s`;
  const seconds = Math.floor(number / 1e9);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours) return `${hours} h ${String(minutes).padStart(2, "0")} m`;
  return `${minutes} m ${String(seconds % 60).padStart(2, "0")} s`;
}

/** Money in dollars, with as many places as it takes to be more than zero. Unknown is not nothing. */
export function money(nanoDollars: string | number | null | undefined): string {
  if (nanoDollars === null || nanoDollars === undefined) return "—";
  const dollars = Number(nanoDollars) / 1e9;
  if (dollars === 0) return "$0";
  if (dollars >= 1) {
    const [whole, cents] = dollars.toFixed(2).split(".");
    return `$${grouped(Number(whole))}.${cents}`;
  }
  const places = dollars >= 0.01 ? 3 : Math.min(9, 1 - Math.floor(Math.log10(dollars)));
  return `$${dollars.toFixed(places)}`;
}

/** A whole number, whole: 1,234,567. The browser's own way reads what it knows of the language first. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A count, short where it is long: 812, 14.2k, 3.1M. */
export function count(value: number): string {
  if (value < 10_000) return grouped(value);
  if (value < 1_000_000) return `${shortened(value / 1e3)}k`;
  if (value < 1_000_000_000) return `${shortened(value / 1e6)}M`;
  return `${shortened(value / 1e9)}G`;
}

/** Bytes, in powers of 1024. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${unit ? shortened(rest) : rest} ${units[unit]}`;
}

/** A part of a whole in percent, with as many places as it takes to tell it from nothing. */
export function share(part: number, whole: number): string {
  if (!whole) return "—";
  const percent = (part / whole) * 100;
  return `${percent > 0 && percent < 1 ? percent.toFixed(2) : percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

/** How far off percentiles and counts of unique things may be, which the server estimates. */
export const WITHIN = "within 1 %";

/** A moment on the clock of whoever looks, as a Date. */
export function moment(nanoseconds: string): Date {
  return new Date(Number(BigInt(nanoseconds) / 1_000_000n));
}

/** How long ago something was: "just now", "4 min ago", "yesterday 14:02", or its date. */
export function ago(nanoseconds: string, now: number = Date.now()): string {
  const then = moment(nanoseconds);
  const seconds = (now - then.getTime()) / 1000;
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return `today ${timeOfDay(then)}`;
  today.setDate(today.getDate() - 1);
  if (then.toDateString() === today.toDateString()) return `yesterday ${timeOfDay(then)}`;
  return day(then);
}

/** A moment on the clock, "14:02". The browser's own way reads what it knows of the language first. */
export function timeOfDay(date: Date, withSeconds = false): string {
  const parts = [date.getHours(), date.getMinutes(), ...(withSeconds ? [date.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** A moment of the session as its clock shows it, as fine as its length asks for. */
export function clock(nanoseconds: number, last: number): string {
  const seconds = nanoseconds / 1e9;
  const places = last < 1e6 ? 6 : last < 600e9 ? 3 : 1;
  const rest = (seconds % 60).toFixed(places).padStart(3 + places, "0");
  const minutes = Math.floor(seconds / 60);
  if (last < 3600e9) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A day, "3 Nov 2026". */
export function day(date: Date): string {
  return `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
}

function shortened(value: number): string {
  const text = value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
