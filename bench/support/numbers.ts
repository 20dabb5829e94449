/** What is said of many measurements. Pure. */

/** The value that `share` (0 to 1) of them do not exceed; of nothing, NaN. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length))) - 1] ?? Number.NaN;
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

/** With commas between thousands. @param digits after the point; null: as many as say something */
export function shown(number: number, digits: number | null = null): string {
  const places = digits ?? (Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2);
  return number.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** A Markdown table; the first column is words, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** How a figure stands to its target. */
export const verdict = (holds: boolean, target: string): string => (holds ? `${target}, met` : `${target}, **MISSED**`);
