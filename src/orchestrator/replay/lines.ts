/** What differs between two texts, line by line. Pure. */

/** Texts of more lines are not compared line by line: every line of the one goes, every line of the other comes. */
const MOST_COMPARED = 400;

/** @returns lines beginning with `- ` and `+ `, in order; what both have is left out. Empty when the texts are the same. */
export function changedLines(from: string, to: string): string[] {
  if (from === to) return [];
  const [old, now] = [linesOf(from), linesOf(to)];
  if (Math.max(old.length, now.length) > MOST_COMPARED) return [...old.map(gone), ...now.map(come)];
  const common = commonLengths(old, now);
  const changed: string[] = [];
  let [at, next] = [0, 0];
  while (at < old.length || next < now.length) {
    const [left, right] = [old[at], now[next]];
    if (left !== undefined && left === right) {
      at++;
      next++;
    } else if (
      right === undefined ||
      (left !== undefined && lengthAt(common, at + 1, next) >= lengthAt(common, at, next + 1))
    ) {
      changed.push(gone(left ?? ""));
      at++;
    } else {
      changed.push(come(right));
      next++;
    }
  }
  return changed;
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.split(/\r\n|\n/));
const gone = (line: string): string => `- ${line}`;
const come = (line: string): string => `+ ${line}`;

/** Lengths of the longest common subsequences of what is left of both from each pair of lines on. */
function commonLengths(old: readonly string[], now: readonly string[]): readonly (readonly number[])[] {
  const table: number[][] = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  for (let at = old.length - 1; at >= 0; at--) {
    const row = table[at] ?? [];
    for (let to = now.length - 1; to >= 0; to--) {
      row[to] =
        old[at] === now[to]
          ? lengthAt(table, at + 1, to + 1) + 1
          : Math.max(lengthAt(table, at + 1, to), lengthAt(table, at, to + 1));
    }
  }
  return table;
}

const lengthAt = (table: readonly (readonly number[])[], at: number, to: number): number => table[at]?.[to] ?? 0;
