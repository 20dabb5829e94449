/** The whole story as a person plays it in a browser: preview, reports, approvals, refusals, a restart, the record. */
import type { Locator, Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Browser, openBrowser } from "../support/chromium.ts";
import { type ClawProcess, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, html, httpServer, json } from "../support/http-server.ts";
import { freePort } from "../support/ports.ts";

const SOON = { interval: 100 };

let database: TestDatabase;
let site: HttpServer;
let claw: ClawProcess;
let port: number;
let browser: Browser;
let page: Page;

const startClaw = (folder?: string) =>
  startClawProcess({ databaseUrl: database.url, port, ...(folder === undefined ? {} : { folder }) });

beforeEach(async () => {
  site = await httpServer();
  site.page("/tickets", json({ id: 7 }));
  database = await testDatabase();
  port = await freePort();
  claw = await startClaw();
  browser = await openBrowser();
  browser.context.setDefaultTimeout(30_000);
  page = await browser.context.newPage();
  // What a person does who reads the terminal: the key that is printed there works once.
  await page.goto(/http:\S+\?key=\S+/.exec(claw.stdout())?.[0] ?? "");
  await page.getByRole("combobox", { name: "Message #general" }).waitFor();
});

afterEach(async () => {
  await browser.close();
  await claw.kill();
  await site.close();
  await database.close();
  await removeFolder(claw.folder);
});

const channel = () => page.locator("#main");
const thread = () => page.locator("#thread");
const button = (within: Locator, name: string) => within.getByRole("button", { name, exact: true });

/** The last message that says so; waits for it. */
async function message(within: Locator, words: string | RegExp): Promise<Locator> {
  const found = within.locator("article.message", { hasText: words }).last();
  await found.waitFor();
  return found;
}

async function say(text: string): Promise<void> {
  const composer = page.getByRole("combobox", { name: "Message #general" });
  await composer.fill(text);
  await composer.press("Enter");
  await expect.poll(() => composer.inputValue(), SOON).toBe("");
}

async function actAs(label: string): Promise<void> {
  await page.getByLabel("Act as").selectOption({ label });
  await page.locator(`select[name=member] option:checked:text-is("${label}")`).waitFor({ state: "attached" });
  await page.waitForLoadState();
}

/** Says the line, presses *Create* and opens the thread; the workflow's name. */
async function create(line: string): Promise<string> {
  await say(line);
  const preview = await message(channel(), "Create this workflow?");
  await button(preview, "Create").click();
  return openThread();
}

async function openThread(): Promise<string> {
  const done = await message(channel(), /Created [a-z0-9-]+\./);
  const name = /Created ([a-z0-9-]+)\./.exec((await done.textContent()) ?? "")?.[1] ?? "";
  const root = await message(channel(), new RegExp(`${name} runs .*come in this thread`));
  await root.locator(".thread-link").click();
  await message(thread(), "come in this thread");
  return name;
}

/** A page that is loaded anew forgets it. */
const mark = () => page.evaluate(() => void Object.assign(window, { neverReloaded: true }));
const neverReloaded = () => page.evaluate(() => "neverReloaded" in window);

const posts = () => site.requests.filter(({ method }) => method === "POST").length;

describe("in the browser", { timeout: 120_000 }, () => {
  it("a watch is previewed, edited, created, run and reported, and its change comes by itself", async () => {
    site.page("/status", html("<title>Status</title><p>All systems go</p>"));
    const composer = page.getByRole("combobox", { name: "Message #general" });
    await composer.pressSequentially("/claw he");
    await page.getByRole("option", { name: "/claw help" }).waitFor();
    await composer.press("Tab");
    expect(await composer.inputValue()).toBe("/claw help");
    await composer.press("Enter");
    await message(channel(), "Say when and what");

    await say(`/claw every minute check ${site.url}/status and tell me when it changes`);
    const preview = await message(channel(), "Create this workflow?");
    expect(await preview.textContent()).toMatch(/Every minute.*rules model/);
    await button(preview, "Edit…").click();
    const dialog = page.getByRole("dialog");
    const line = dialog.getByLabel("When and what");
    expect(await line.inputValue()).toContain("every minute");
    await line.fill(`every hour check ${site.url}/status and tell me when it changes`);
    await button(dialog, "Send").click();
    await button(await message(channel(), /Create this workflow\?.*Every hour/), "Create").click();

    await openThread();
    expect(await (await message(channel(), /Created/)).textContent()).toMatch(/First run: \w{3} \d+ \w{3}, \d\d:\d\d/);
    await mark();
    await button(await message(thread(), "come in this thread"), "Run now").click();
    await message(thread(), /Watching .* status 200, "Status"/);

    site.page("/status", html("<title>Status</title><p>The database is on fire</p>"));
    await button(await message(thread(), "come in this thread"), "Run now").click();
    const change = await message(thread(), /changed: status 200/);
    expect(await change.textContent()).toContain("- All systems go\n+ The database is on fire");
    expect(await change.textContent()).toContain("rules model");
    expect(await neverReloaded()).toBe(true);
  });

  it("a write asks; a viewer is refused in private, and a double click approves once", async () => {
    await actAs("Sam (member)");
    await create(`/claw now use http_request method=POST url=${site.url}/tickets body=hello`);
    const asked = await message(thread(), /May I send POST/);
    expect(await asked.textContent()).toMatch(/an approver or an admin/);
    expect(posts()).toBe(0);

    await actAs("Vic (viewer)");
    await button(await message(thread(), /May I send POST/), "Approve").click();
    const refusal = await message(thread(), "Only an approver or an admin can decide this");
    expect(await refusal.textContent()).toContain("only you can see this");
    expect(posts()).toBe(0);

    await actAs("Lin (approver)");
    await mark();
    const open = await message(thread(), /May I send POST/);
    expect(await thread().textContent()).not.toContain("Only an approver or an admin can decide this");
    await button(open, "Approve").dblclick();
    const decided = await message(thread(), "Approved by @Lin");
    expect(await button(decided, "Approve").count()).toBe(0);
    await message(thread(), /http_request: done, status 200/);
    expect(posts()).toBe(1);

    const number = /approval (\d+)/i.exec(
      (await (await message(thread(), /Approval \d+ is/)).textContent()) ?? "",
    )?.[1];
    await say(`/claw approve ${number}`);
    await message(channel(), "Already approved by @Lin");
    expect(posts()).toBe(1);
    expect(await neverReloaded()).toBe(true);
  });

  it("a denial with a reason is not done, and stands on the card", async () => {
    await create(`/claw now use http_request method=POST url=${site.url}/tickets body=hello`);
    const dialog = page.getByRole("dialog");
    // What a standing yes would allow can be seen whole where it is changed.
    await button(await message(thread(), /May I send POST/), "Always allow this…").click();
    const offer = await message(thread(), /Always allow this in/);
    await button(offer, "Change…").click();
    const box = dialog.getByRole("textbox");
    expect(await box.inputValue()).toMatch(/^url = .*uses = 20.*outside text = no$/s);
    expect(await box.evaluate((area) => area.scrollHeight - area.clientHeight)).toBeLessThanOrEqual(0);
    await button(dialog, "Cancel").click();
    await button(offer, "Cancel").click();

    await button(await message(thread(), /May I send POST/), "Deny…").click();
    await dialog.getByLabel("Reason").fill("not on a Sunday");
    await button(dialog, "Send").click();
    const decided = await message(thread(), /Denied by @Ada.*not on a Sunday/);
    expect(await decided.getByRole("button").count()).toBe(0);
    await message(thread(), /was not done: Ada denied this call/);
    expect(posts()).toBe(0);
  });

  it("an approval waits over kill -9; the page comes back by itself, and the yes runs the call once", async () => {
    const name = await create(`/claw now use http_request method=POST url=${site.url}/tickets body=hello`);
    await message(thread(), /May I send POST/);
    await mark();
    await claw.kill();
    await channel().getByText("Connection lost, reconnecting…").waitFor();
    claw = await startClaw(claw.folder);
    await expect.poll(() => channel().getByRole("status").textContent(), SOON).toBe("");

    // A run that was killed between its card and its wait counts as running until its lease is over.
    const waiting = channel()
      .locator("article.message", { hasText: /1 waiting/ })
      .last();
    const asked = { ...SOON, interval: 3_000 };
    await expect.poll(() => say("/claw status").then(() => waiting.isVisible()), asked).toBe(true);
    expect(await waiting.textContent()).toContain(name);
    await button(await message(thread(), /May I send POST/), "Approve").click();
    await message(thread(), "Approved by @Ada");
    await message(thread(), /http_request: done, status 200/);
    expect(await neverReloaded()).toBe(true);
    expect(posts()).toBe(1);

    await page.getByRole("link", { name: "Workflows" }).click();
    await page.getByRole("link", { name, exact: true }).click();
    await page.getByRole("table").getByRole("link").first().click();
    await page.waitForURL(/\/runs\/\d+$/);
    const journal = page.getByRole("main");
    expect(await journal.getByRole("heading", { level: 1 }).textContent()).toMatch(/Run \d+ succeeded/);
    for (const words of [
      /http_request\s*tool call\s*succeeded/,
      /finish\s*tool call/,
      /send POST to .*consumed\s*by Ada/,
    ]) {
      await journal.getByRole("listitem").filter({ hasText: words }).first().waitFor();
    }
  });

  it("works without a mouse", async () => {
    const keys = page.keyboard;
    await keys.type("/claw now remind us to stretch");
    await keys.press("Enter");
    await message(channel(), "Create this workflow?");
    await moveTo("Create", "Shift+Tab");
    await keys.press("Enter");
    await message(channel(), /Created \S*stretch/);
    await message(channel(), /stretch runs once.*1 reply/);
    await moveTo("1 reply", "Tab");
    await keys.press("Enter");
    await message(thread(), /remind us to stretch.*rules model/);
    await expect.poll(focused, SOON).toBe("Reply in this thread");
    await keys.press("Escape");
    await thread().waitFor({ state: "hidden" });
    await expect.poll(focused, SOON).toBe("1 reply");
  });
});

/** The name of what has the focus. */
const focused = () =>
  page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);

async function moveTo(name: string, key: "Tab" | "Shift+Tab"): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if ((await focused()) === name) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} never comes to "${name}"`);
}
