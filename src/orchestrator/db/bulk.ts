/** Many rows in one statement with one parameter: its text, and what it costs to read it, do not grow with the rows. */
import { getTableColumns, getTableName, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { ClawError } from "../errors.ts";

/**
 * `insert into table (…) select …`, to which the caller adds `on conflict` or `returning`. Columns that the rows do not
 * name take their default.
 * @param rows at least one; all name the same columns. What goes into `jsonb` must be storable, and a `null` there is SQL's
 */
export function insertMany<T extends PgTable>(table: T, rows: readonly T["$inferInsert"][]): SQL {
  const [first] = rows as readonly Record<string, unknown>[];
  if (!first) throw new ClawError("bug", `no rows for ${getTableName(table)}`);
  const columns = Object.entries(getTableColumns(table)).filter(([key]) => first[key] !== undefined);
  const renamed = (rows as readonly Record<string, unknown>[]).map((row) =>
    Object.fromEntries(columns.map(([key, column]) => [column.name, row[key]])),
  );
  const names = sql.join(
    columns.map(([, column]) => sql.identifier(column.name)),
    sql`, `,
  );
  return sql`insert into ${table} (${names})
    select ${names} from jsonb_populate_recordset(null::${table}, ${JSON.stringify(renamed)}::jsonb)`;
}
