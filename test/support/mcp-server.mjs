/** An MCP server over stdio whose tools a test writes into a file: what it offers, what it answers, and how it dies. */
import { appendFileSync, readFileSync } from "node:fs";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const [, , script = ""] = process.argv;
const read = () => JSON.parse(readFileSync(script, "utf8"));

const server = new Server({ name: "scripted", version: "1" }, { capabilities: { tools: { listChanged: true } } });
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: read().tools }));
server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
  const { dies, changes, says, raw, record, answers } = read();
  // What really arrived here.
  if (record) appendFileSync(record, `${params.name} ${JSON.stringify(params.arguments)}\n`);
  if (dies) process.exit(1);
  if (changes) await server.sendToolListChanged();
  // What no server should write on its standard output.
  if (raw) process.stdout.write(raw);
  if (answers) return answers;
  return { content: [{ type: "text", text: says ?? JSON.stringify(params.arguments) }] };
});
await server.connect(new StdioServerTransport());
