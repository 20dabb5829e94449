/** Feeds that are attacks themselves, and where their links lead a model that follows them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { json, type Reply, redirectTo, send } from "../support/http-server.ts";
import { type Hostile, startHostile } from "./hostile.ts";

const REBINDING = new URL("../support/rebinding-dns.mjs", import.meta.url).href;

let claw: Hostile;
beforeAll(async () => {
  claw = await startHostile({ env: { NODE_OPTIONS: `--import ${REBINDING}` } });
});
afterAll(() => claw?.close());
beforeEach(() => void claw.strays());

const xml = (body: string): Reply => send(body, { type: "application/rss+xml" });
const rss = (body: string) => `<rss version="2.0"><channel><title>N</title>${body}</channel></rss>`;
const feed = (url: string) => ({ name: "feed_read", arguments: { url } });
const get = (url: string) => ({ name: "http_get", arguments: { url } });
const read = (path: string) =>
  claw.attack(`read the news feed at ${claw.site.url}`, { calls: [feed(`${claw.site.url}${path}`)] });
/** Claw is still there. */
const alive = () => expect(claw.claw.child.exitCode).toBeNull();

describe("a feed that is a bomb or a trap is refused or read as text, and Claw goes on", () => {
  const laughs = [..."abcdefghi"].map((name, at) =>
    at === 0 ? `<!ENTITY a "ha">` : `<!ENTITY ${name} "${`&${"abcdefghi"[at - 1]};`.repeat(10)}">`,
  );
  const traps: readonly (readonly [string, string])[] = [
    ["entities that grow without end", `<!DOCTYPE r [${laughs.join("")}]>${rss("<item><title>&i;</title></item>")}`],
    [
      "an entity that reads a file",
      `<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>${rss("<item><title>&f;</title></item>")}`,
    ],
    [
      "an entity that calls a server",
      `<!DOCTYPE r [<!ENTITY f SYSTEM "http://127.0.0.3:PORT/x">]>${rss("<item><title>&f;</title></item>")}`,
    ],
    [
      "a schema of elsewhere",
      `<!DOCTYPE r SYSTEM "http://127.0.0.3:PORT/x.dtd">${rss("<item><title>t</title></item>")}`,
    ],
    ["an include", rss(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>`)],
    ["elements in elements without end", rss(`${"<item>".repeat(20_000)}${"</item>".repeat(20_000)}`)],
    ["a title of a megabyte", rss(`<item><title>${"a".repeat(900_000)}</title></item>`)],
    ["nothing that ends", '<rss version="2.0"><channel><item><title>'],
    ["NUL and lone surrogates", rss("<item><title>a&#0;b&#xD800;c</title></item>")],
    ["names of prototypes", rss("<item><__proto__>x</__proto__><constructor>y</constructor></item>")],
  ];

  test.each(traps)("%s", async (_what, body) => {
    claw.site.page("/trap", xml(body.replaceAll("PORT", `${claw.forbidden.port}`)));
    const { results, story } = await read("/trap");
    await story.ends("succeeded");
    expect(JSON.stringify(results)).not.toMatch(/root:|(?:ha){50}/);
    expect(JSON.stringify(results).length).toBeLessThan(60_000);
    expect(claw.forbidden.requests).toEqual([]);
    alive();
  });

  test("a JSON feed with fields of the wrong kinds", async () => {
    const items = [{ id: {}, title: [], url: 7, content_text: { a: 1 }, authors: "x" }, null, 7, "x"];
    claw.site.page("/wrong.json", json({ version: "https://jsonfeed.org/version/1.1", title: 7, items }));
    const { story } = await read("/wrong.json");
    await story.ends("succeeded");
    alive();
  });

  test("one that is compressed without end", async () => {
    const { gzipBomb } = await import("../support/http-server.ts");
    claw.site.page("/bomb", gzipBomb(64));
    const { results, story } = await read("/bomb");
    await story.ends("succeeded");
    expect(results).toMatchObject([{ ok: false }]);
    alive();
  });
});

describe("links of a feed lead a model nowhere that it may not go", () => {
  const links = (port: number): readonly string[] => [
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "http://[fd00:ec2::254]/latest/",
    "http://0xa9fea9fe/",
    `http://127.0.0.3:${port}/x`,
    `http://[::ffff:7f00:3]:${port}/x`,
    `http://2130706435:${port}/x`,
  ];

  test("as they stand, even when a person says yes", async () => {
    const wanted = links(claw.forbidden.port);
    const items = wanted.map((link) => `<item><title>t</title><link>${link}</link></item>`).join("");
    claw.site.page("/links", xml(rss(items)));
    const { story, steps } = await claw.attack(`read the news feed at ${claw.site.url}`, {
      reads: feed(`${claw.site.url}/links`),
      calls: wanted.flatMap((link) => [get(link), feed(link)]),
    });
    for (const step of steps) expect(step.asks || step.code === "blocked_address", JSON.stringify(step)).toBe(true);
    const lin = await claw.at("lin");
    const run = await story.run();
    const approve = async () => {
      const cards = (await lin.see(story.channel, story.root)).filter(({ buttons }) =>
        buttons.some(({ label }) => label === "Approve"),
      );
      for (const card of cards) await story.press(card, "Approve", lin);
      return (await story.run()).status;
    };
    await expect.poll(approve, { timeout: 60_000, interval: 300 }).toBe("succeeded");
    const failed = await claw.database.sql<{ code: string }[]>`
      select distinct failure ->> 'code' as code from steps where run_id = ${run.id} and turn = 2 and kind = 'tool'`;
    expect(failed.map(({ code }) => code)).toEqual(["blocked_address"]);
    expect(claw.forbidden.requests).toEqual([]);
  });

  test.each([301, 302, 303, 307, 308])("nor by a feed that redirects with %i", async (status) => {
    const to = links(claw.forbidden.port);
    to.forEach((link, at) => {
      claw.site.page(`/hop/${status}/${at}`, redirectTo(link, status));
    });
    const { results } = await claw.attack(`read the news feed at ${claw.site.url}`, {
      calls: to.map((_link, at) => feed(`${claw.site.url}/hop/${status}/${at}`)),
    });
    expect(results.map(({ ok }) => ok)).toEqual(to.map(() => false));
    expect(claw.forbidden.requests).toEqual([]);
  });
});

describe("a name that resolves anew reaches nothing that it did not name when it was checked", () => {
  const host = (name: string) => `http://${name}.127-0-0-1.127-0-0-3.rebind.test:${claw.forbidden.port}/x`;

  test.each([
    ["a page", get],
    ["a feed", feed],
  ])("%s whose name is another address by the time it is called", async (what, call) => {
    const name = what.replace(" ", "");
    // The first address is open and has nobody at that port; the second, which a retry hears, is the forbidden server's.
    const { story } = await claw.attack(`read the news feed at ${host(name)}`, { calls: [call(host(name))] });
    const run = await story.ends("succeeded");
    const tries = await claw.database.sql<{ code: string }[]>`
      select failure ->> 'code' as code from attempts where run_id = ${run.id} and call_index > 0 and turn = 1 order by number`;
    expect(tries.map(({ code }) => code)).toEqual(["service_unavailable", "blocked_address"]);
    expect(claw.forbidden.requests).toEqual([]);
  });

  test("a name of two addresses, one of them forbidden", async () => {
    const { results } = await claw.attack(`read the feed ${host("both")}`, {
      calls: [get(host("both")), feed(host("both"))],
    });
    for (const { text } of results) expect(text).toContain("blocked_address");
    expect(claw.forbidden.requests).toEqual([]);
  });

  test("a write that a person has said yes to", async () => {
    const call = { name: "http_request", arguments: { method: "POST", url: host("write"), body: "secret" } };
    const { story, cards } = await claw.attack(`post to ${host("write")}`, { calls: [call] });
    const [card] = cards;
    if (!card) throw new Error("it did not ask");
    await story.press(card, "Approve", await claw.at("lin"));
    await expect.poll(async () => (await story.run()).status).toMatch(/succeeded|waiting/);
    expect(claw.forbidden.requests).toEqual([]);
  });
});
