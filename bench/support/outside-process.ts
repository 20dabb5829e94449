/**
 * The world outside in a process of its own: a model behind the wire of Chat Completions that answers at once, and a web
 * page. What the model does stands in the instruction: a URL is read before the run ends, `bench-<id>` names the workflow in
 * the record, `hold-model` leaves the first request of that workflow without an answer, `keep-notes` adds a line to
 * the notes of the run before. A page called `/hold` does not answer the first request of each query.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { calls, finishes, type Reply, send } from "../../test/support/model-wire.ts";
import { answerBench } from "./child.ts";
import type { Addresses, Seen } from "./outside.ts";

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages: readonly { readonly role: string; readonly content?: string | null }[];
  readonly tools?: readonly unknown[];
}

const CHARACTERS_A_TOKEN = 4;
const PAGE = "All systems are up. Nothing was deployed today.\n".repeat(8);
const seen: Seen[] = [];
const held = new Set<string>();
let number = 0;

/** True for the first request of a key. */
function holds(key: string): boolean {
  if (held.has(key)) return false;
  held.add(key);
  return true;
}

function replyTo(opening: string, turn: number, characters: number): Reply | null {
  const id = /bench-([\w-]+)/.exec(opening)?.[1] ?? "";
  if (opening.includes("hold-model") && holds(id)) return null;
  const usage = { input: Math.ceil(characters / CHARACTERS_A_TOKEN), output: 30 };
  const url = /https?:\/\/\S+/.exec(opening)?.[0];
  const reply =
    url !== undefined && turn === 0
      ? calls({ name: "http_get", arguments: { url } })
      : finishes("report", "All systems are up.", notesAfter(opening));
  return { ...reply, ...(reply.kind === "answer" && { usage }) };
}

/** A model that only ever adds to its notes keeps the newest that fit. */
function notesAfter(opening: string): string {
  if (!opening.includes("keep-notes")) return "Yesterday all systems were up.";
  const before = /# Notes of the last run\n([\s\S]*?)(?:\n\n# |$)/.exec(opening)?.[1] ?? "";
  return `${before}\nOn this day all systems were up.`.trim().slice(-4_000);
}

async function model(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const at = Date.now();
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const body = JSON.parse(Buffer.concat(parts).toString("utf8")) as Body;
  const messages = JSON.stringify(body.messages).length;
  const tools = JSON.stringify(body.tools ?? []).length;
  const turn = body.messages.filter(({ role }) => role === "assistant").length;
  const opening = body.messages.find(({ role }) => role === "user")?.content ?? "";
  const said = body.messages.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  seen.push({ id: /bench-([\w-]+)/.exec(opening)?.[1] ?? "", turn, at, messages, tools, said });
  const reply = replyTo(opening, turn, messages + tools);
  if (reply === null) return;
  number += 1;
  const asked = {
    model: body.model,
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
    number,
  };
  send(reply, asked, response, incoming.socket);
}

async function page(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const at = Date.now();
  const url = incoming.url ?? "/";
  seen.push({ id: url, turn: -1, at, messages: 0, tools: 0, said: 0 });
  if (url.startsWith("/hold") && holds(url)) return;
  response.writeHead(200, { "content-type": "text/plain" }).end(PAGE);
}

async function listen(
  serve: (incoming: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<{ server: Server; port: number }> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

const [models, pages] = [await listen(model), await listen(page)];
answerBench(async (question) => {
  switch (question) {
    case "addresses":
      return {
        model: `http://127.0.0.1:${models.port}/v1`,
        site: `http://127.0.0.1:${pages.port}`,
      } satisfies Addresses;
    case "count":
      return seen.length;
    case "take":
      return seen.splice(0);
    default:
      throw new Error(`the world outside cannot tell: ${String(question)}`);
  }
});
