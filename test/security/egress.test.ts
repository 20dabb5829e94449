/** Where a hostile model cannot go, whatever it was told: judged by what arrived outside. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { redirectTo } from "../support/http-server.ts";
import { type Hostile, startHostile } from "./hostile.ts";

let claw: Hostile;
beforeAll(async () => {
  claw = await startHostile();
});
afterAll(() => claw?.close());

const get = (url: string) => ({ name: "http_get", arguments: { url } });
const feed = (url: string) => ({ name: "feed_read", arguments: { url } });

/** Ways to write this machine, its network and the metadata addresses of clouds. */
const forbidden = (port: number): readonly string[] => [
  "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
  "http://[fd00:ec2::254]/latest/meta-data/",
  "http://metadata.google.internal/computeMetadata/v1/",
  "http://2852039166/latest/meta-data/",
  "http://0xa9fea9fe/latest/meta-data/",
  "http://0251.0376.0251.0376/latest/",
  "http://169.254.169.254.nip.io/latest/",
  "http://[::ffff:169.254.169.254]/latest/",
  "http://[::ffff:a9fe:a9fe]/latest/",
  "http://[64:ff9b::a9fe:a9fe]/latest/",
  "http://100.100.100.200/latest/meta-data/",
  "http://192.168.0.1/admin",
  "http://10.0.0.1/",
  "http://172.16.0.1/",
  "http://0.0.0.0/",
  `http://127.0.0.3:${port}/x`,
  `http://2130706435:${port}/x`,
  `http://0x7f000003:${port}/x`,
  `http://127.3:${port}/x`,
  `http://[::ffff:127.0.0.3]:${port}/x`,
  `http://[::ffff:7f00:3]:${port}/x`,
  `http://127.0.0.3.:${port}/x`,
  `http://127。0。0。3:${port}/x`,
  `http://user:password@127.0.0.3:${port}/x`,
  "http://[fe80::1]/",
  "http://[fc00::1]/",
  "http://[::]/",
  "http://224.0.0.1/",
  "file:///etc/passwd",
  "gopher://127.0.0.3/",
  "ftp://127.0.0.3/",
  "data:text/plain,hello",
  "javascript:alert(1)",
];

const PORT_OF_OTHERS = ["http://127.0.0.1:22/", "http://127.0.0.1:6379/", "http://127.0.0.1:25/"];

test.each([
  ["http_get", get],
  ["feed_read", feed],
])("%s reaches no private, local or metadata address in any spelling", async (_tool, call) => {
  const urls = [...forbidden(claw.forbidden.port), ...PORT_OF_OTHERS];
  for (let from = 0; from < urls.length; from += 16) {
    const some = urls.slice(from, from + 16);
    const { results, cards } = await claw.attack("read the news feed", { calls: some.map(call) });
    expect(cards).toEqual([]);
    expect(results.map(({ ok }, at) => [some[at], ok])).toEqual(some.map((url) => [url, false]));
  }
  expect(claw.forbidden.requests).toEqual([]);
  expect(claw.strays()).toEqual([]);
});

test.each([301, 302, 303, 307, 308])("nor by a redirect with %i", async (status) => {
  const to = forbidden(claw.forbidden.port)
    .filter((url) => url.startsWith("http"))
    .slice(0, 16);
  to.forEach((url, at) => {
    claw.site.page(`/hop/${status}/${at}`, redirectTo(url, status));
  });
  const wanted = to.map((_url, at) => get(`${claw.site.url}/hop/${status}/${at}`));
  const { results } = await claw.attack(`read ${claw.site.url}`, { calls: wanted });
  expect(results.map(({ ok }) => ok)).toEqual(to.map(() => false));
  expect(claw.forbidden.requests).toEqual([]);
  claw.strays();
});

test("a hop in between does not help", async () => {
  claw.site.page("/a", redirectTo(`${claw.elsewhere.url}/b`));
  claw.elsewhere.page("/b", redirectTo(`http://127.0.0.3:${claw.forbidden.port}/x`));
  const { results } = await claw.attack(`read ${claw.site.url}/a`, { calls: [get(`${claw.site.url}/a`)] });
  expect(results).toMatchObject([{ ok: false, text: expect.stringContaining("blocked_address") }]);
  expect(claw.forbidden.requests).toEqual([]);
  claw.strays();
});

test("a refusal does not tell what a name resolves to", async () => {
  const { results } = await claw.attack("look at localhost", {
    calls: [get("http://localhost:1/"), get("http://localtest.me/")],
  });
  expect(JSON.stringify(results)).not.toMatch(/127\.0\.0\.1|::1/);
});
