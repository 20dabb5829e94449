/** The SQL tools: reads of the databases that the operator lists, and of no others. */
import { z } from "zod";
import { defineTool, fail, ok, type ToolContract, type ToolResult } from "../contract.ts";
import { cut, storableText } from "../text.ts";
import { fetchRows, type ListedDatabase, type Rows, readOnly } from "./database.ts";

const MAX_ROWS = 200;
const MAX_CELL = 500;
/** Characters of all cells together. */
const MAX_TEXT = 20_000;
const MAX_TABLES = 300;

const Table = z.object({ name: z.string(), columns: z.array(z.string()) });

const READ = { effect: "read", egress: "fixed", retry: "safe", timeoutMs: 30_000, outputTrust: "untrusted" } as const;

/** `sql_query` and `sql_tables`; none when no database is listed. */
export function sqlTools(databases: readonly ListedDatabase[]): readonly ToolContract[] {
  if (databases.length === 0) return [];
  const names = databases.map(({ name }) => name);
  const known = z.enum(names as [string, ...string[]]);
  const find = (name: string): ToolResult<ListedDatabase> => {
    const found = databases.find((each) => each.name === name);
    return found ? ok(found) : fail("not_found", `there is no database ${name}; there are ${names.join(", ")}`);
  };
  const what = databases.map(({ name, description }) => (description ? `${name} (${description})` : name)).join("; ");
  const calledBy = new RegExp(
    `\\bsql\\b|\\bdatabases?\\b|\\bquer(?:y|ies)\\b|\\btables?\\b|\\brows?\\b|${names.map((name) => `\\b${name}\\b`).join("|")}`,
    "i",
  );

  const query = defineTool({
    ...READ,
    name: "sql_query",
    description: cut(`Reads rows by one PostgreSQL SELECT. Databases: ${what}`, 1_000).text,
    input: z.strictObject({ database: known, query: z.string().trim().min(1).max(10_000) }),
    output: z.object({
      columns: z.array(z.string()),
      rows: z.array(z.array(z.string().nullable())),
      /** There are more rows than these, or cells that were cut. */
      truncated: z.boolean(),
    }),
    execute: async ({ database, query }, ctx) => {
      const found = find(database);
      if (!found.ok) return found;
      return readOnly(found.value, ctx, async (sql) => {
        const rows = await fetchRows(sql, query.replace(/;\s*$/, ""), MAX_ROWS + 1, ctx.signal);
        return ok(shown(rows));
      });
    },
  });

  const tables = defineTool({
    ...READ,
    name: "sql_tables",
    description: "Lists the tables and columns of a database.",
    input: z.strictObject({ database: known }),
    output: z.object({ tables: z.array(Table), more: z.boolean() }),
    execute: async ({ database }, ctx) => {
      const found = find(database);
      if (!found.ok) return found;
      return readOnly(found.value, ctx, async (sql) => {
        const rows = await sql<{ name: string; columns: string[] }[]>`
          select case when table_schema = 'public' then table_name else table_schema || '.' || table_name end as name,
            array_agg(column_name || ' ' || data_type order by ordinal_position) as columns
          from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema')
          group by table_schema, table_name order by 1 limit ${MAX_TABLES + 1}`;
        return ok({ tables: rows.slice(0, MAX_TABLES), more: rows.length > MAX_TABLES });
      });
    },
  });

  return [query, tables].map((tool) => ({ ...tool, calledBy }));
}

function shown({ columns, rows }: Rows) {
  let left = MAX_TEXT;
  let truncated = rows.length > MAX_ROWS;
  const cells: (string | null)[][] = [];
  for (const row of rows.slice(0, MAX_ROWS)) {
    const line = row.map((cell) => {
      const text = textOf(cell);
      if (text === null) return null;
      const short = cut(storableText(text), MAX_CELL);
      truncated ||= short.truncated;
      left -= short.text.length;
      return short.text;
    });
    if (left < 0) return { columns: [...columns], rows: cells, truncated: true };
    cells.push(line);
  }
  return { columns: [...columns], rows: cells, truncated };
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
