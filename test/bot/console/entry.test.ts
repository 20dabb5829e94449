import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ConsoleDeps } from "../../../src/bot/console/deps.ts";
import type { Inbox } from "../../../src/orchestrator/ports.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { freePort } from "../../support/ports.ts";
import { ADA, consoleOn, LIN } from "./console-harness.ts";
import { ask, Visitor } from "./visitor.ts";

const INBOX: Inbox = { receive: async () => "stored" };

let database: TestDatabase;
const running: { stop(): Promise<void> }[] = [];
beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  for (const console of running.splice(0)) await console.stop();
});
afterAll(() => database.close());

async function started(parts: Partial<ConsoleDeps> = {}) {
  const console = consoleOn(database, parts);
  await console.start(INBOX);
  running.push(console);
  return console;
}

const message = (text: string) => ({
  key: `key-${text.length}-${text.slice(0, 8)}`.padEnd(12, "0").replace(/\W/g, "-"),
  channel: "general",
  thread: null,
  text,
});

describe("the one-time key", () => {
  test("signs in once, and the page is then there without it", async () => {
    const console = await started();
    const url = console.loginUrl();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?key=[\w-]{22}$/);
    expect(console.loginUrl()).toBe(url);
    const visitor = new Visitor(console.url());
    const answer = await visitor.signIn(url);
    expect(answer.headers.get("set-cookie")).toMatch(/; HttpOnly; SameSite=Strict$/);
    expect(answer.headers.get("set-cookie")).toMatch(/; Path=\//);
    expect((await visitor.get("/")).status).toBe(200);

    const second = await ask(url);
    expect(second.status).toBe(401);
    expect(second.text).toContain("used already");
    expect(second.headers.get("set-cookie")).toBeNull();
    expect(console.loginUrl()).not.toBe(url);
  });

  test("is not used up by a look at its headers", async () => {
    const console = await started();
    const url = console.loginUrl();
    await ask(url, { method: "HEAD" });
    expect((await new Visitor(console.url()).signIn(url)).status).toBe(200);
  });

  test("can be asked for at the login page, which prints and does not show it", async () => {
    const console = await started();
    await new Visitor(console.url()).signIn(console.loginUrl());
    const stranger = new Visitor(console.url());
    const shown = await stranger.form("/login", { ask: "new" });
    expect(shown.status).toBe(200);
    expect(console.printed.urls).toEqual([console.loginUrl()]);
    expect(shown.text).not.toContain(console.loginUrl().split("key=")[1]);
    const again = await stranger.form("/login", { ask: "new" });
    expect(again.status).toBe(429);
    expect(console.printed.urls).toHaveLength(1);
    expect((await stranger.signIn(console.printed.urls[0] ?? "")).status).toBe(200);
  });

  test("guessing is slowed down", async () => {
    const console = await started({ token: "a-long-token" });
    for (let i = 0; i < 20; i += 1) expect((await ask(`${console.url()}/?key=wrong${i}`)).status).toBe(401);
    expect((await ask(`${console.url()}/?key=a-long-token`)).status).toBe(429);
  });

  test("the operator's token signs in every time", async () => {
    const console = await started({ token: "a-long-token" });
    for (const _ of [1, 2]) {
      expect((await new Visitor(console.url()).signIn(`${console.url()}/?key=a-long-token`)).status).toBe(200);
    }
    expect((await new Visitor(console.url()).form("/login", { key: "a-long-token" })).status).toBe(200);
  });
});

describe("a session", () => {
  test("nothing but the login page, its files and the health check is there without one", async () => {
    const console = await started();
    for (const path of ["/", "/channels/general", "/workflows", "/runs/1", "/audit", "/nothing"]) {
      const answer = await ask(console.url() + path);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.text).toContain("Print a new URL");
    }
    for (const path of ["/events?channel=general", "/api/complete?text="]) {
      expect((await ask(console.url() + path)).status).toBe(401);
    }
    expect((await new Visitor(console.url()).post("/api/messages", message("x"))).status).toBe(401);
    const health = await ask(`${console.url()}/healthz`);
    expect([health.status, health.text]).toEqual([200, "ok"]);
  });

  test("survives a restart, and ends when the person signs out", async () => {
    const port = await freePort();
    const first = await started({ port });
    const visitor = new Visitor(first.url());
    await visitor.signIn(first.loginUrl());
    await visitor.actAs(LIN.memberId);
    await first.stop();
    await started({ port });
    const page = await visitor.get("/");
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/<option value="console:demo:lin" selected/);
    await visitor.form("/logout", {});
    expect((await visitor.get("/")).status).toBe(401);
  });

  test("ends by itself after 30 days", async () => {
    let now = Date.now();
    const console = await started({ clock: { now: () => now } });
    const visitor = new Visitor(console.url());
    await visitor.signIn(console.loginUrl());
    now += 29 * 86_400_000;
    expect((await visitor.get("/")).status).toBe(200);
    now += 2 * 86_400_000;
    expect((await visitor.get("/")).status).toBe(401);
  });

  test("is kept only as a hash", async () => {
    const console = await started();
    const visitor = new Visitor(console.url());
    await visitor.signIn(console.loginUrl());
    const value = visitor.cookie.split("=")[1] ?? "";
    expect(value).toMatch(/^[\w-]{43}$/);
    const rows = await database.sql`select * from console_sessions`;
    expect(JSON.stringify(rows)).not.toContain(value);
  });

  test("acting as another person is for the demo only", async () => {
    const console = await started({ workspace: { id: "console:demo", name: "Team", demo: false } });
    const visitor = new Visitor(console.url());
    await visitor.signIn(console.loginUrl());
    const page = await visitor.get("/");
    expect(page.text).not.toContain("Act as");
    expect((await visitor.form("/act-as", { member: LIN.memberId, back: "/" })).status).toBe(403);
  });

  test("acting as somebody comes back to the page, and to nowhere else", async () => {
    const console = await started();
    const visitor = new Visitor(console.url());
    await visitor.signIn(console.loginUrl());
    const to = async (back: string) =>
      (await visitor.form("/act-as", { member: ADA.memberId, back })).headers.get("location");
    expect(await to("/channels/ops")).toBe("/channels/ops");
    for (const back of ["//evil.test", "https://evil.test", "/\\evil.test", ""]) expect(await to(back)).toBe("/");
    expect((await visitor.form("/act-as", { member: "console:demo:eve", back: "/" })).status).toBe(400);
  });
});

describe("other pages and other hosts", () => {
  test("a host name that is not the console's is refused (DNS rebinding)", async () => {
    const console = await started();
    const visitor = new Visitor(console.url());
    await visitor.signIn(console.loginUrl());
    for (const host of ["evil.test", `evil.test:${new URL(console.url()).port}`, "127.0.0.1:1"]) {
      const answer = await ask(`${console.url()}/`, { headers: { host, cookie: visitor.cookie } });
      expect(answer.status).toBe(421);
      expect(answer.text).not.toContain("data-csrf");
    }
  });

  test("what another page sends is refused", async () => {
    const console = await started();
    const visitor = new Visitor(console.url());
    await visitor.signIn(console.loginUrl());
    const port = new URL(console.url()).port;
    for (const origin of ["https://evil.test", "null", "", `http://localhost:${port}`, `http://127.0.0.1:1`]) {
      expect((await visitor.post("/api/messages", message("a"), { origin })).status).toBe(403);
    }
    for (const token of ["", "x", `${visitor.csrf}x`, visitor.csrf.toUpperCase()]) {
      expect((await visitor.post("/api/messages", message("b"), { "x-claw-csrf": token })).status).toBe(403);
    }
    expect((await visitor.form("/logout", { csrf: "x" })).status).toBe(403);
    const other = new Visitor(console.url());
    await other.signIn(console.loginUrl());
    expect((await visitor.post("/api/messages", message("c"), { "x-claw-csrf": other.csrf })).status).toBe(403);
    expect((await visitor.post("/api/messages", message("d"))).status).toBe(200);
    expect(
      (await visitor.see("general", null)).filter((m) => /\b[abc]\b/.test(m.words.split(" ").at(-1) ?? "")),
    ).toEqual([]);
  });

  test("every answer tells the browser what the page may do", async () => {
    const console = await started();
    const visitor = new Visitor(console.url());
    const login = await visitor.signIn(console.loginUrl());
    for (const answer of [login, await visitor.get("/"), await visitor.get("/nothing"), await ask(console.url())]) {
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain("unsafe");
      expect(answer.headers.get("x-frame-options")).toBe("DENY");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
    const { text } = await visitor.get("/");
    expect(text).not.toMatch(/<script(?![^>]*\ssrc="\/assets\/)|<style|\sstyle="|\son[a-z]+="/);
    for (const [, path] of text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
      const file = await ask(console.url() + path);
      expect(file.status).toBe(200);
      expect(file.headers.get("cache-control")).toContain("immutable");
    }
  });

  test("a body over 64 KiB is refused with the limit, a long text under it is taken", async () => {
    const console = await started();
    const visitor = new Visitor(console.url());
    await visitor.signIn(console.loginUrl());
    const refused = await visitor.post("/api/messages", message("x".repeat(70_000)));
    expect([refused.status, refused.text]).toEqual([413, expect.stringContaining("64 KiB")]);
    expect((await visitor.post("/api/messages", message("y".repeat(20_000)))).status).toBe(200);
  });

  test.each([
    {},
    { ...message("x"), key: "no" },
    { ...message("x"), channel: 7 },
    { ...message("x"), text: null },
    { ...message("x"), text: " \u0000 " },
    { ...message("x"), channel: "nowhere" },
    { ...message("x"), thread: "nothing" },
    { ...message("x"), thread: "'; drop table console_messages; --" },
  ])("what is no message is refused, and nothing breaks: %j", async (body) => {
    const console = await started();
    const visitor = new Visitor(console.url());
    await visitor.signIn(console.loginUrl());
    const answer = await visitor.post("/api/messages", body);
    expect([400, 404]).toContain(answer.status);
    expect(JSON.parse(answer.text)).toMatchObject({ status: "invalid", message: expect.stringMatching(/\w/) });
  });
});

describe("starting", () => {
  test("a port in use is said with the setting that changes it", async () => {
    const first = await started();
    const second = consoleOn(database, { port: Number(new URL(first.url()).port) });
    await expect(second.start(INBOX)).rejects.toThrow(/in use.*CLAW_CONSOLE_PORT/);
  });

  test("an address the machine does not have is said with its setting", async () => {
    await expect(consoleOn(database, { host: "192.0.2.1" }).start(INBOX)).rejects.toThrow(/CLAW_CONSOLE_HOST/);
  });

  test("a database that does not listen leaves no port behind", async () => {
    const port = await freePort();
    const broken = consoleOn(database, { port, listen: async () => Promise.reject(new Error("away")) });
    await expect(broken.start(INBOX)).rejects.toThrow("away");
    expect((await started({ port })).url()).toContain(String(port));
  });
});
