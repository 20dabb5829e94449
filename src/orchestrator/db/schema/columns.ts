/** Columns that many tables share. */
import { bigint, customType, timestamp } from "drizzle-orm/pg-core";

export const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
/** Millionths of a dollar. */
export const micros = (name: string) => bigint(name, { mode: "number" });
export const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });
