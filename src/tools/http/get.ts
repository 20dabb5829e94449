/** Reading a page, or what has changed of it. */
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  defineTool,
  fail,
  type GivenVersion,
  ok,
  type ToolContext,
  type ToolContract,
  type ToolResult,
} from "../contract.ts";
import { pathFault } from "../json-path.ts";
import { failureOf, type HttpAnswer, type HttpDeps } from "./exchange.ts";
import { type Followed, follow, following } from "./follow.ts";
import { Headers, lowerCased } from "./headers.ts";
import { type Page, readPage } from "./page.ts";
import { selected } from "./select.ts";
import { Answer, destinationOf, troubleOf, Url } from "./url.ts";
import { asksItself, conditionsOf, unchangedWords, validatorsOf } from "./version.ts";

export const ACCEPT = "text/html, application/json;q=0.9, text/*;q=0.8, */*;q=0.1";

const Path = z.string().superRefine((path, { addIssue }) => {
  const fault = pathFault(path);
  if (fault !== null) addIssue(fault);
});

const input = z.strictObject({
  url: Url,
  headers: Headers,
  select: Path.optional().describe("JSONPath: only these values of a JSON answer"),
  changed_only: z.boolean().optional().describe("only what changed since the last run that asked so"),
});
type Input = z.infer<typeof input>;

export function httpGet(deps: HttpDeps): ToolContract {
  const reading = following(deps);
  return defineTool({
    name: "http_get",
    description: "Reads a web page or API: readable text, JSON as it is.",
    input,
    output: Answer,
    effect: "read",
    egress: "by_argument",
    retry: "safe",
    timeoutMs: 10_000,
    outputTrust: "untrusted",
    destination: ({ url }) => destinationOf(url),
    where: ["url"],
    trouble: troubleOf,
    execute: async (call, ctx) => {
      const source = sourceOf(call);
      const before = call.changed_only && ctx.given ? await ctx.given.last(source) : null;
      const chosen = lowerCased(call.headers);
      const own = { accept: ACCEPT, "user-agent": deps.userAgent, ...chosen };
      const headers = before && !asksItself(chosen) ? conditionsOf(before) : null;
      const conditions = before && headers ? { url: before.url, headers } : null;
      const followed = await follow(reading, call.url, own, ctx, conditions);
      if (!followed.ok) return followed;
      const { at, answer, closedTo, asked } = followed.value;
      const answered = { url: at.href, status: answer.status, contentType: answer.contentType };
      const unchanged = (version: GivenVersion) =>
        ok({ ...answered, title: null, text: unchangedWords(version), truncated: false });
      if (before && asked && answer.status === 304) {
        await ctx.given?.note(source, before);
        return unchanged(before);
      }
      const page = await pageOf(call.select ?? null, followed.value, ctx.signal);
      if (!page.ok) return page;
      if (call.changed_only && ctx.given && answer.status === 200) {
        const is = versionOf(followed.value, page.value, new Set(Object.keys(chosen)), ctx);
        const same = before !== null && before.digest === is.digest && !answer.content.truncated;
        await ctx.given.note(source, same ? { ...is, at: before.at } : is);
        if (same) return unchanged(before);
      }
      const { title, text, truncated } = page.value;
      // The next call names where it goes, so that it can be asked for like any other.
      return ok({ ...answered, title, text: closedTo === null ? text : `Redirects to ${closedTo}`, truncated });
    },
  });
}

/** What a version is remembered under: all that a request says but who sends it, and what of the answer is looked at. */
function sourceOf({ url, headers, select }: Input): string {
  const at = new URL(url);
  at.hash = "";
  const said = Object.entries(lowerCased(headers)).sort(([a], [b]) => (a < b ? -1 : 1));
  // Headers may hold a token.
  return createHash("sha256")
    .update(JSON.stringify(["http_get", at.href, said, select ?? null]))
    .digest("hex");
}

function versionOf(
  { at, answer, carried }: Followed,
  { digest }: Page,
  own: ReadonlySet<string>,
  ctx: Pick<ToolContext, "now">,
): GivenVersion {
  return { url: at.href, digest, ...validatorsOf(answer, own, carried.values.length > 0), at: ctx.now() };
}

async function pageOf(
  select: string | null,
  { at, answer, carried }: Followed,
  signal: AbortSignal,
): Promise<ToolResult<Page>> {
  const { content, contentType } = answer;
  if (content.fault?.kind === "lost") return fail(...lost(content.fault.cause, at, signal));
  if (content.fault) return fail("invalid_output", `${at.host} sent an answer that cannot be decompressed`);
  // What an error says is no part of what was asked for.
  if (select !== null && isWell(answer)) return selected(select, answer, at.host, carried.values);
  const page = await readPage(content.bytes, contentType, at.href, content.truncated, carried.values);
  return page
    ? ok(page)
    : fail(
        "invalid_output",
        `${at.host} sent ${(contentType ?? "bytes").slice(0, 100)}, which is not text: HTML, JSON and text can be read`,
      );
}

const isWell = ({ status }: HttpAnswer): boolean => status >= 200 && status < 300;

function lost(cause: unknown, at: URL, signal: AbortSignal): [Parameters<typeof fail>[0], string] {
  const { code, message } = failureOf(cause, at.host, true, signal);
  return [code, message];
}
