/** The same main job against a mock of the API that others wrote. */
import { type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClawProcess, Person, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, html, httpServer, json } from "../support/http-server.ts";

const mock = new LLMock({ port: 0, chunkSize: 9 });
let database: TestDatabase;
let site: HttpServer;
let claw: ClawProcess;

beforeAll(async () => {
  await mock.start();
  [database, site] = await Promise.all([testDatabase(), httpServer()]);
  claw = await startClawProcess({
    databaseUrl: database.url,
    env: { OPENAI_BASE_URL: `${mock.url}/v1`, OPENAI_API_KEY: "sk-mock", CLAW_MODEL: "gpt-4o-mini" },
  });
});
afterAll(async () => {
  await claw?.kill();
  await Promise.all([mock.stop(), site?.close(), database?.close()]);
  await removeFolder(claw.folder);
});

/** Results the model has heard so far. */
const heard = (request: ChatCompletionRequest): string[] =>
  request.messages.filter(({ role }) => role === "tool").map(({ content }) => String(content));

test("it reads two pages, writes after a yes, survives a 429, a 500 and broken arguments, and reports once", async () => {
  site.page("/queue", html("<p>Queue length is 912</p>"));
  site.page("/stock", "12 left");
  site.page("/tickets", json({ id: 7 }));
  const get = (path: string) => ({ name: "http_get", arguments: JSON.stringify({ url: `${site.url}${path}` }) });
  const turn = (results: number, response: Parameters<typeof mock.on>[1]) =>
    mock.on({ predicate: (request) => heard(request).length === results }, response);
  turn(0, { toolCalls: [get("/queue"), get("/stock"), { name: "http_get", arguments: '{"url":"http' }] });
  const body = "queue 912, stock 12";
  turn(3, {
    toolCalls: [
      { name: "http_request", arguments: JSON.stringify({ method: "POST", url: `${site.url}/tickets`, body }) },
      { name: "no_such_tool", arguments: "{}" },
    ],
  });
  turn(5, {
    toolCalls: [{ name: "finish", arguments: JSON.stringify({ verdict: "report", text: "**Ticket 7 is open.**" }) }],
  });

  mock.nextRequestError(429, { message: "slow down", code: "rate_limit_exceeded", type: "requests" });
  const sam = await Person.at(claw.url ?? "", "sam");
  const root = await sam.create(
    `now read ${site.url}/queue and ${site.url}/stock, open a ticket at ${site.url}/tickets`,
  );
  const card = await sam.waitFor(/May I send POST/, "general", root);
  expect(card.words).toContain(body);
  expect(site.requests.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(["GET /queue", "GET /stock"]);
  mock.nextRequestError(500, { message: "oops", type: "server_error" });
  const lin = await Person.at(claw.url ?? "", "lin");
  await lin.press(card, "Approve");
  const report = await sam.waitFor(/Ticket 7 is open/, "general", root);
  expect(report.words).toMatch(/contains text from outside/);
  expect(site.requests.filter(({ method }) => method === "POST").map(({ body: sent }) => sent)).toEqual([body]);

  const last = mock.getLastRequest()?.body;
  const results = heard(last as ChatCompletionRequest);
  expect(results).toEqual([
    expect.stringContaining("Queue length is 912"),
    expect.stringContaining("12 left"),
    expect.stringContaining("malformed_arguments"),
    expect.stringContaining('"ok":true'),
    expect.stringContaining("unknown_tool"),
  ]);
  const reports = (await sam.see("general", root)).filter(({ words }) => /Ticket 7 is open/.test(words));
  expect(reports).toHaveLength(1);
  const runs = await database.sql<{ status: string }[]>`select status from runs`;
  expect(runs).toEqual([{ status: "succeeded" }]);
});
