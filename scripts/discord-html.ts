/** Discord's JSON of a message as HTML: its own markdown, containers, sections, rows and files. For pictures only. */
import { build } from "esbuild";
import type { Rendered } from "../src/bot/discord/render.ts";

interface Component {
  readonly type: number;
  readonly components?: readonly Component[];
  readonly accessory?: Component;
  readonly content?: string;
  readonly accent_color?: number;
  readonly label?: string;
  readonly style?: number;
  readonly file?: { readonly url: string };
}

const AVATAR = `data:image/svg+xml;utf8,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" fill="#1d1c1d"/><path fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" d="M9 24c-1-7 1-13 5-17 0 6-1 11-1 17m4 0c-1-6 0-11 4-15 0 5 0 10-1 15"/></svg>',
)}`;

export const DISCORD_STYLE = `
  .discord { width: 640px; background: #313338; color: #dbdee1; font: 15px/1.375 "Noto Sans", "DejaVu Sans", sans-serif }
  .container { background: #2b2d31; border: 1px solid #3a3c42; border-left: 4px solid #3a3c42; border-radius: 8px; padding: 12px 14px; max-width: 560px; margin-top: 4px }
  .container > * + * { margin-top: 8px }
  .text { white-space: pre-wrap; overflow-wrap: anywhere }
  .text small { color: #949ba4; font-size: 12px }
  .text code { background: #1e1f22; border-radius: 3px; padding: 1px 3px; font: 13px monospace }
  .text pre { background: #1e1f22; border: 1px solid #3a3c42; border-radius: 4px; padding: 6px 8px; margin: 4px 0; white-space: pre-wrap; font: 13px/1.3 monospace }
  .text q { display: block; border-left: 4px solid #4e5058; padding-left: 8px; quotes: none }
  .text a { color: #00a8fc; text-decoration: none }
  .text time { background: #3c3f45; border-radius: 3px; padding: 0 2px }
  .add { color: #7ee787 } .remove { color: #ff7b72 }
  .section { display: flex; gap: 12px; justify-content: space-between; align-items: flex-start }
  .file { background: #232428; border: 1px solid #3a3c42; border-radius: 6px; padding: 8px 10px; color: #00a8fc }
`;

/** The web components of the message's frame, as one script. */
export async function discordScript(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: 'import "@skyra/discord-components-core";', resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: "iife",
    minify: true,
  });
  return outputFiles[0]?.text ?? "";
}

export const discordHtml = ({ content, components }: Rendered): string =>
  `<div class="discord"><discord-messages><discord-message author="Claw" bot avatar="${AVATAR}" timestamp="2026-11-23T09:00:18.000Z">${
    content === undefined ? "" : `<div class="text">${markdown(content)}</div>`
  }${(components as readonly Component[]).map(part).join("")}</discord-message></discord-messages></div>`;

const BUTTONS: Readonly<Record<number, string>> = { 1: "primary", 2: "secondary", 3: "success", 4: "destructive" };

function part({
  type,
  components = [],
  accessory,
  content = "",
  accent_color,
  label = "",
  style = 2,
  file,
}: Component): string {
  const inner = components.map(part).join("");
  switch (type) {
    case 17:
      return `<div class="container"${accent_color === undefined ? "" : ` style="border-left-color: #${accent_color.toString(16).padStart(6, "0")}"`}>${inner}</div>`;
    case 10:
      return `<div class="text">${markdown(content)}</div>`;
    case 9:
      return `<div class="section"><div>${inner}</div>${accessory === undefined ? "" : part(accessory)}</div>`;
    case 1:
      return `<discord-action-row>${inner}</discord-action-row>`;
    case 2:
      return `<discord-button type="${BUTTONS[style] ?? "secondary"}">${escaped(label)}</discord-button>`;
    case 13:
      return `<div class="file">${escaped(file?.url.replace("attachment://", "") ?? "")}</div>`;
    default:
      return `<div>component ${type}</div>`;
  }
}

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** What comes first at a place wins, as in Discord. */
const MARKS =
  /```(?:(\w+)\n)?([\s\S]*?)\n?```|`([^`\n]+)`|\\([^\p{L}\p{N}\s])|<t:(\d+):([tfF])>|\[((?:\\.|[^\]\\])*)\]\(<([^>]*)>\)|<(https?:[^>\s]*)>|(\*\*|~~|_)/gu;

const ZONE = { timeZone: "Europe/Paris", hourCycle: "h23" } as const;
const FORMATS: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  t: { ...ZONE, timeStyle: "short" },
  f: { ...ZONE, dateStyle: "long", timeStyle: "short" },
  F: { ...ZONE, dateStyle: "full", timeStyle: "short" },
};
const TAGS: Readonly<Record<string, string>> = { "**": "b", "~~": "s", _: "i" };

function markdown(text: string): string {
  const open: string[] = [];
  let at = 0;
  let out = "";
  for (const found of text.matchAll(MARKS)) {
    out += escaped(text.slice(at, found.index));
    at = found.index + found[0].length;
    const [, language, fence, code, literal, seconds, format = "f", label, target, address, mark] = found;
    if (fence !== undefined) out += `<pre>${language === "diff" ? diff(fence) : escaped(fence)}</pre>`;
    else if (code !== undefined) out += `<code>${escaped(code)}</code>`;
    else if (literal !== undefined) out += escaped(literal);
    else if (seconds !== undefined)
      out += `<time>${new Intl.DateTimeFormat("en-GB", FORMATS[format]).format(Number(seconds) * 1_000)}</time>`;
    else if (label !== undefined)
      out += `<a href="${escaped(target ?? "")}">${escaped(label.replace(/\\(.)/g, "$1"))}</a>`;
    else if (address !== undefined) out += `<a href="${escaped(address)}">${escaped(address)}</a>`;
    else if (mark !== undefined) {
      const tag = TAGS[mark] ?? "b";
      if (open.at(-1) === mark) {
        open.pop();
        out += `</${tag}>`;
      } else {
        open.push(mark);
        out += `<${tag}>`;
      }
    }
  }
  const lines = `${out}${escaped(text.slice(at))}`;
  return lines.replace(/^-# (.*)$/gmu, "<small>$1</small>").replace(/^&gt; (.*)\n?/gmu, "<q>$1</q>");
}

const diff = (code: string): string =>
  code
    .split("\n")
    .map((line) => {
      const kind = line.startsWith("+") ? "add" : line.startsWith("-") ? "remove" : "";
      return `<span class="${kind}">${escaped(line)}</span>`;
    })
    .join("\n");
