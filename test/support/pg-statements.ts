/** Just enough SQL to tell what a statement does to a transaction. */

export type StatementKind = "begin" | "commit" | "rollback" | "write" | "other";

/** Cuts a simple query's text at its semicolons, not at those in strings, names, comments or dollar quotes. */
export function splitStatements(text: string): readonly string[] {
  const token = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$\w*\$)[\s\S]*?\1|;/g;
  const statements: string[] = [];
  let from = 0;
  for (const match of text.matchAll(token)) {
    if (match[0] !== ";") continue;
    statements.push(text.slice(from, match.index));
    from = match.index + 1;
  }
  statements.push(text.slice(from));
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== "");
}

const bare = (statement: string): string =>
  statement
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, " ")
    .replace(/'(?:[^']|'')*'/g, "''")
    .replace(/^[\s(]+/, "");

/** `for update` and `on conflict do update` write nothing by themselves. */
const TARGET =
  /(?<!\b(?:for|do|key)\s+)\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+(?:only\s+)?((?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)/gi;

/** The tables that a statement names as its targets, in order, each once, without quotes. */
export function tablesOf(statement: string): readonly string[] {
  const names = [...bare(statement).matchAll(TARGET)].map((match) => (match[1] ?? "").replaceAll('"', ""));
  return [...new Set(names)];
}

/**
 * What a statement does. A `with` counts as a write when it names a target. A `select` never does, whatever the
 * functions that it calls may do; neither do DDL, `copy` and `truncate`.
 */
export function kindOf(statement: string): StatementKind {
  const word = /^\w+/.exec(bare(statement))?.[0].toLowerCase() ?? "";
  switch (word) {
    case "begin":
    case "start":
      return "begin";
    case "commit":
    case "end":
      return "commit";
    case "abort":
      return "rollback";
    case "rollback":
      return /^rollback\s+(work\s+|transaction\s+)?to\b/i.test(bare(statement)) ? "other" : "rollback";
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return "write";
    case "with":
      return tablesOf(statement).length > 0 ? "write" : "other";
    default:
      return "other";
  }
}

/**
 * Rows changed, from the tag of a CommandComplete. A writing `with … select` answers `SELECT n`: its rows are taken for
 * changed ones.
 */
export function changedRows(tag: string, statement: string): number {
  const [word, ...numbers] = tag.split(" ");
  const rows = Number(numbers.at(-1) ?? 0);
  if (word === "INSERT" || word === "UPDATE" || word === "DELETE" || word === "MERGE") return rows;
  return word === "SELECT" && kindOf(statement) === "write" ? rows : 0;
}
