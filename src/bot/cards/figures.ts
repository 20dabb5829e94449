/** Money, durations and counts as people read them. Pure. */

const grouped = (value: number, digits: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @param micros millionths of a dollar. `$0.84`; `<$0.01` for what is less than a cent; `$0.00` for nothing. */
export function money(micros: number): string {
  if (micros <= 0) return "$0.00";
  return micros < 10_000 ? "<$0.01" : `$${grouped(micros / 1e6, 2)}`;
}

/** A ceiling: as {@link money}, without cents when there are none: `$5`. */
export const ceiling = (micros: number): string => money(micros).replace(/\.00$/u, "");

/** @param ms milliseconds. `0.8 s`, `18 s`, `2 min 3 s`, `3 h 5 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 950) return ms < 50 ? "0 s" : `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;

/** `run reported` of `runReported`. */
export const words = (name: string): string =>
  name.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`).replaceAll("_", " ");

/** `1 run`, `2 runs`, `1,204 runs`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count, 0)} ${count === 1 ? one : many}`;
