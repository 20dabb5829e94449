/** Reads share connections, and only such as lead where the read may go. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { invokeTool, type ToolContract } from "../../../src/tools/index.ts";
import { toolOf } from "../../support/http-tools.ts";
import { toolContext } from "../../support/tool-context.ts";

interface Site {
  readonly port: number;
  /** The addresses that were dialled, one a connection. */
  readonly dialled: (string | undefined)[];
}

async function site(serve: (incoming: IncomingMessage, response: ServerResponse, nth: number) => void): Promise<Site> {
  const dialled: (string | undefined)[] = [];
  const served = new WeakMap<Socket, number>();
  const server = createServer((incoming, response) => {
    const nth = (served.get(incoming.socket) ?? 0) + 1;
    served.set(incoming.socket, nth);
    serve(incoming, response, nth);
  });
  server.on("connection", (socket) => dialled.push(socket.localAddress));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, dialled };
}

const plain = (_: IncomingMessage, response: ServerResponse): void =>
  void response.writeHead(200, { "content-type": "text/plain" }).end("fine");
const read = async (tool: ToolContract, url: string) => {
  const result = await invokeTool(tool, { url, headers: {} }, toolContext());
  return result.ok ? (result.value as { text: string }).text : result.error;
};

test("reads of one site, one after the other, share connections", async () => {
  const { port, dialled } = await site(plain);
  const tool = toolOf("http_get", {});
  for (let n = 1; n <= 12; n++) expect(await read(tool, `http://127.0.0.1:${port}/${n}`)).toBe("fine");
  // The next read may come before the connection of the last one is known to be free.
  expect(dialled.length).toBeLessThan(4);
});

test("a server that closes a connection under a read is read all the same, at once", async () => {
  const cut = { times: 0 };
  const { port } = await site((incoming, response, nth) => {
    if (nth === 1) return plain(incoming, response);
    cut.times += 1;
    incoming.socket.destroy();
  });
  const tool = toolOf("http_get", {});
  for (let n = 1; n <= 12; n++) expect(await read(tool, `http://127.0.0.1:${port}/${n}`)).toBe("fine");
  expect(cut.times).toBeGreaterThan(0);
});

test("a name that leads elsewhere by now is not read where it led before", async () => {
  const { port, dialled } = await site(plain);
  const address = { now: "127.0.0.1" };
  const tool = toolOf("http_get", { resolve: async () => [address.now] });
  expect(await read(tool, `http://site.test:${port}/`)).toBe("fine");
  address.now = "127.0.0.2";
  expect(await read(tool, `http://site.test:${port}/`)).toBe("fine");
  expect(dialled).toEqual(["127.0.0.1", "127.0.0.2"]);
});
