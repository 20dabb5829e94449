/**
 * An MCP server over stdio whose tools a test writes into a file: what it offers, what it answers, and how it dies. It
 * speaks the protocol itself: it starts at once, and what it answers need not be what a server may say.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [, , script = ""] = process.argv;
const read = () => JSON.parse(readFileSync(script, "utf8"));
const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

const METHODS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: "scripted", version: "1" },
  }),
  ping: () => ({}),
  "tools/list": () => ({ tools: read().tools }),
  "tools/call": (params) => {
    const { dies, changes, says, raw, record, answers } = read();
    // What really arrived here.
    if (record) appendFileSync(record, `${params.name} ${JSON.stringify(params.arguments)}\n`);
    if (dies) process.exit(1);
    if (changes) write({ method: "notifications/tools/list_changed" });
    // What no server should write on its standard output.
    if (raw) process.stdout.write(raw);
    return answers ?? { content: [{ type: "text", text: says ?? JSON.stringify(params.arguments) }] };
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  // Neither a notification nor the answer to a question of ours wants an answer.
  if (id === undefined || method === undefined) return;
  const answer = METHODS[method];
  if (!answer) return write({ id, error: { code: -32601, message: `no method ${method}` } });
  try {
    write({ id, result: answer(params ?? {}) });
  } catch (error) {
    // The file is being written just now.
    write({ id, error: { code: -32603, message: String(error) } });
  }
});
