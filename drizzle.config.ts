import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: ["./src/orchestrator/db/schema.ts", "./src/bot/console/store.ts"],
  out: "./drizzle",
});
