/**
 * Pictures of everything Claw posts in Slack and Discord, from the JSON that is sent: `npm run cards [folder] [name…]`.
 * They go to `dist/cards`, with `all.png`, `discords.png` and `extremes.png` as contact sheets, and `pair-<name>.png` for
 * the same card in both.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { type Block, Message } from "slack-blocks-to-jsx";
import { markerOf } from "../src/bot/discord/keys.ts";
import { renderCard as renderForDiscord } from "../src/bot/discord/render.ts";
import { renderCard } from "../src/bot/slack/render.ts";
import { type Sample, samples, USUAL } from "../test/bot/cards/samples.ts";
import { viewSamples } from "../test/bot/slack/view-samples.ts";
import { type Browser, openBrowser } from "../test/support/chromium.ts";
import { DISCORD_STYLE, discordHtml, discordScript } from "./discord-html.ts";

process.env.TZ = "Europe/Paris";
const [folder = "dist/cards", ...names] = process.argv.slice(2);

const LOGO = `data:image/svg+xml;utf8,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1d1c1d"/><path fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" d="M9 24c-1-7 1-13 5-17 0 6-1 11-1 17m4 0c-1-6 0-11 4-15 0 5 0 10-1 15"/></svg>',
)}`;

const STYLE = `
  body { margin: 0; background: #fff; font: 15px/1.46668 Lato, "Noto Sans", "DejaVu Sans", sans-serif; color: #1d1c1d }
  .card { width: 640px; padding: 14px 16px; box-sizing: border-box; background: #fff }
  .sheet { columns: 3 660px; column-gap: 0; width: 2000px }
  .sheet figure { margin: 0; break-inside: avoid; border-bottom: 1px solid #ddd }
  .card h1 { font-size: 18px; margin: 0 0 10px }
  .ends { text-align: right; font-weight: bold; margin: 8px 0 0 }
  figcaption { font: 12px monospace; color: #888; padding: 8px 16px 6px }
`;

const LONG = "a long line of <b>text</b> & more, @channel *with* `marks` ";
const EXTREME = { word: (usual: string) => `${usual} ${LONG.repeat(30)}`, many: (usual: number) => usual * 30 };

/** The renderer takes `verbatim` for "no format at all"; Slack means "nothing beyond what is written". */
const parsed = (blocks: readonly unknown[]): Block[] =>
  JSON.parse(JSON.stringify(blocks, (key, value: unknown) => (key === "verbatim" ? undefined : value)));

const html = (blocks: readonly unknown[]): string =>
  renderToStaticMarkup(
    createElement(Message, {
      blocks: parsed(blocks),
      name: "Claw",
      logo: LOGO,
      time: new Date("2026-11-23T09:00:18.000Z"),
      theme: "light",
    }),
  );

interface Picture {
  readonly name: string;
  readonly body: string;
}

const messages = (cards: readonly Sample[]): Picture[] =>
  cards.map(({ name, card }) => ({ name, body: html(renderCard(card, { showAll: "d1" }).blocks) }));

const forDiscord = (cards: readonly Sample[]): Picture[] =>
  cards.map(({ name, card }) => ({
    name,
    body: discordHtml(renderForDiscord(card, { marker: markerOf("discord:1", name), files: "attached" })),
  }));

/** One beside the other: the same facts, in the same order, with the same buttons. */
async function pairs(browser: Browser, names: readonly string[]): Promise<void> {
  const page = await browser.context.newPage();
  const image = async (name: string): Promise<string> =>
    `<img src="data:image/png;base64,${(await readFile(join(folder, `${name}.png`))).toString("base64")}">`;
  for (const name of names) {
    const both = `${await image(name)}${await image(`discord-${name}`)}`;
    await page.setContent(
      `<body style="margin: 0"><div id="pair" style="display: inline-flex; gap: 8px; align-items: flex-start">${both}</div>`,
    );
    await page.locator("#pair").screenshot({ path: join(folder, `pair-${name}.png`) });
  }
  await page.close();
}

interface View {
  readonly title?: { readonly text: string };
  readonly submit?: { readonly text: string };
  readonly close?: { readonly text: string };
  readonly blocks: readonly unknown[];
}

/** Slack's frame of a modal, as the renderer knows messages only. */
const views = (all: Readonly<Record<string, View>>): Picture[] =>
  Object.entries(all).map(([name, { title, submit, close, blocks }]) => ({
    name,
    body: [
      title === undefined ? "" : `<h1>${title.text}</h1>`,
      html(blocks),
      close === undefined
        ? ""
        : `<p class="ends">[${close.text}] ${submit === undefined ? "" : `[${submit.text}]`}</p>`,
    ].join(""),
  }));

async function pictures(
  browser: Browser,
  css: string,
  prefix: string,
  cards: readonly Picture[],
  script = "",
): Promise<void> {
  const page = await browser.context.newPage();
  const figures = cards.map(
    ({ name, body }) => `<figure><figcaption>${name}</figcaption><div class="card" id="${name}">${body}</div></figure>`,
  );
  await page.setContent(`<style>${css}${STYLE}</style><div class="sheet">${figures.join("")}</div>`);
  if (script !== "") await page.addScriptTag({ content: script });
  for (const { name } of cards)
    await page.locator(`[id="${name}"]`).screenshot({ path: join(folder, `${prefix}${name}.png`) });
  await page.setViewportSize({ width: 2000, height: 800 });
  await page.screenshot({
    path: join(folder, prefix === "" ? "all.png" : `${prefix.slice(0, -1)}s.png`),
    fullPage: true,
  });
  await page.close();
}

const css = await readFile(createRequire(import.meta.url).resolve("slack-blocks-to-jsx/dist/style.css"), "utf8");
const wanted = <T extends { readonly name: string }>(all: readonly T[]): readonly T[] =>
  all.filter(({ name }) => names.length === 0 || names.includes(name));
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const browser = await openBrowser({ viewport: { width: 2000, height: 1200 } });
try {
  const usual = wanted(samples(USUAL));
  await pictures(browser, css, "", [...messages(usual), ...wanted(views(viewSamples()))]);
  await pictures(browser, css, "extreme-", messages(wanted(samples(EXTREME))));
  const script = await discordScript();
  await pictures(browser, DISCORD_STYLE, "discord-", forDiscord(usual), script);
  await pictures(browser, DISCORD_STYLE, "discord-extreme-", forDiscord(wanted(samples(EXTREME))), script);
  await pairs(
    browser,
    usual.map(({ name }) => name),
  );
  const json = usual.map(({ name, card }) => [name, renderCard(card, { showAll: "d1" })] as const);
  await writeFile(
    join(folder, "cards.json"),
    `${JSON.stringify({ ...Object.fromEntries(json), ...viewSamples() }, null, 2)}\n`,
  );
  console.log(`${json.length} kinds of cards, usual and extreme, and the views are in ${folder}`);
} finally {
  await browser.close();
}
