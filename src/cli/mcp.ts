/** `claw mcp`: what the listed MCP servers offer, and accepting what has changed. */
import { diffArrays } from "diff";
import { connect, type Database } from "../orchestrator/db/client.ts";
import { acceptMcpTool, listMcpTools, type McpTool } from "../orchestrator/mcp/store.ts";
import { offerLines } from "../tools/index.ts";
import { configured } from "./configured.ts";
import { reachDatabase } from "./database.ts";
import type { CliIo } from "./io.ts";

export type McpCommand =
  | { readonly action: "list" }
  | { readonly action: "accept"; readonly server: string; readonly tool: string };

/** @returns the exit code: 1 when there is nothing to accept */
export const runMcp = (command: McpCommand, io: CliIo): Promise<number> =>
  configured(io, async (config, log) => {
    const database = await reachDatabase(config, log);
    try {
      const client = connect(database.url, { max: 1, applicationName: "claw-mcp" });
      try {
        return await answer(command, client.db, (line) => void io.stdout.write(`${line}\n`));
      } finally {
        await client.close();
      }
    } finally {
      await database.leave();
    }
  });

async function answer(command: McpCommand, db: Database, write: (line: string) => void): Promise<number> {
  const tools = await listMcpTools(db);
  if (command.action === "list") {
    if (tools.length === 0)
      write("No MCP server has said what it offers. List one under mcp: in claw.config.yaml and start Claw.");
    for (const tool of tools) {
      write(`${tool.offered ? "changed " : "accepted"}  ${tool.server}  ${tool.tool}`);
      for (const line of change(tool)) write(`          ${line}`);
      if (tool.offered) write(`          claw mcp accept ${tool.server} ${tool.tool}`);
    }
    return 0;
  }
  const { server, tool } = command;
  const found = tools.find((each) => each.server === server && each.tool === tool);
  if (!found?.offered) {
    write(
      `${tool} of ${server} ${found ? "has not changed" : "is not known"}: nothing to accept. claw mcp lists what there is.`,
    );
    return 1;
  }
  for (const line of change(found)) write(line);
  if (await acceptMcpTool(db, server, tool, found.offered, new Date())) {
    write(`Accepted. A running Claw uses ${tool} as it is now within seconds.`);
    return 0;
  }
  write("It has changed again meanwhile: nothing was accepted. Run the command again.");
  return 1;
}

function change({ accepted, offered }: McpTool): string[] {
  if (!offered) return [];
  return diffArrays(offerLines(accepted), offerLines(offered)).flatMap(({ added, removed, value }) =>
    added || removed ? value.map((line) => `${added ? "+" : "-"} ${line}`) : [],
  );
}
