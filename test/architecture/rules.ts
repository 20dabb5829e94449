/** Who may know whom, as a function from sources to what breaks the rules. */
import path from "node:path";
import { importsOf, lex } from "./lexer.ts";

export interface Violation {
  readonly rule: Rule;
  readonly file: string;
  readonly detail: string;
}

export type Rule =
  | "bot knows only the index of the orchestrator"
  | "the orchestrator knows no platform"
  | "one adapter does not know another"
  | "tools know only themselves"
  | "tools are known by their index"
  | "a vendor has one home"
  | "pure files know no service, store or vendor"
  | "pure files have no clock, chance or environment"
  | "only the entry knows the composition root"
  | "the environment is read in one place"
  | "an import says what it imports"
  | "a file is named by its noun"
  | "a file is short"
  | "no module-level variable";

const MAX_LINES = 300;

/** Where each vendor may be imported. A package that is not listed has no home yet: give it one, on purpose. */
const HOMES: readonly (readonly [vendor: RegExp, home: RegExp])[] = [
  [/^@slack\//, /^src\/bot\/slack\//],
  [/^(?:discord\.js|@discordjs\/.+|discord-api-types.*)$/, /^src\/bot\/discord\//],
  [/^(?:hono|@hono\/.+)$/, /^src\/bot\/(?:console|webhooks)\//],
  [/^@octokit\/webhooks-methods$/, /^src\/bot\/webhooks\//],
  [/^@octokit\/rest$/, /^src\/tools\/github\//],
  [/^@modelcontextprotocol\/sdk$/, /^src\/tools\/mcp\//],
  [/^diff$/, /^src\/(?:tools|cli|orchestrator\/workflows)\//],
  [/^feedsmith$/, /^src\/tools\/feed\//],
  [/^json-p3$/, /^src\/tools\//],
  [/^re2js$/, /^src\/orchestrator\/(?:triggers|policy)\//],
  [/^openai$/, /^src\/orchestrator\/model\//],
  [/^@pydantic\/genai-prices$/, /^src\/orchestrator\/(?:model|budget)\//],
  [/^gpt-tokenizer$/, /^src\/orchestrator\/(?:model|context)\//],
  [/^(?:agenda|@agendajs\/.+)$/, /^src\/orchestrator\/schedules\/agenda\.ts$/],
  [/^drizzle-orm$/, /^src\/orchestrator\/db\/|\/store\.ts$/],
  [/^postgres$/, /^src\/orchestrator\/db\/|\/store\.ts$|^src\/tools\/sql\//],
  [/^(?:pino|pino-pretty)$/, /^src\/logger\.ts$/],
  [/^(?:undici|ipaddr\.js|html-to-text)$/, /^src\/tools\//],
  [/^(?:croner|rrule-temporal)$/, /^src\/orchestrator\/schedules\//],
  [/^temporal-polyfill$/, /^src\/(?:orchestrator\/schedules|bot|cli)\//],
  [/^yaml$/, /^src\/config\//],
  [/^commander$/, /^src\/cli\//],
  [/^uuid$/, /^src\/orchestrator\/ids\.ts$/],
  // Plain computation: no home needed.
  [/^(?:zod|canonicalize|fastest-levenshtein)$/, /^src\//],
];

const TOOL_VENDORS =
  /^(?:zod|undici|ipaddr\.js|html-to-text|@octokit\/rest|@modelcontextprotocol\/sdk|diff|feedsmith|json-p3|postgres)$/;
/** Computes and nothing else: no network, no clock of its own that we use, no state. */
const PURE_VENDORS =
  /^(?:zod|canonicalize|fastest-levenshtein|temporal-polyfill|croner|rrule-temporal|ipaddr\.js|diff|re2js|node:path)$/;

/** Files that have to be pure whatever they say of themselves; others are held to it when they open with "Pure." */
const PURE = new RegExp(
  `^src/(?:${[
    "orchestrator/(?:ports|events|errors|views)",
    "orchestrator/schedules/(?:schedule|firing)",
    "orchestrator/schedules/phrase/.+",
    "orchestrator/workflows/workflow",
    "orchestrator/runs/(?:run|step|wait)",
    "orchestrator/approvals/approval",
    "orchestrator/budget/budget",
    "orchestrator/delivery/delivery",
    "orchestrator/audit/audit",
    "bot/cards/.+",
    "bot/commands/(?:parse|grammar|command)",
    "config/(?:units|problem|policies|model)",
    "redaction",
  ].join("|")})\\.tsx?$`,
);
const IMPURE_TARGET =
  /(?:^|\/)(?:service|store|client|adapter|agenda|engine|runner)\.tsx?$|^src\/orchestrator\/db\/|^src\/main\.ts$/;
const IMPURE_CODE =
  /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s(\w]))|(?<!new\s)\bDate\s*\(|\bMath\s*\.\s*random\b|\bperformance\s*\.\s*now\b|\brandom(?:UUID|Bytes|Int)\s*\(|\bTemporal\s*\.\s*Now\b|\bprocess\s*(?:\.|\[)/;

const ENVIRONMENT = /\bprocess\s*(?:\?\.|\.)\s*env\b|\bprocess\s*\[|\{[^{}=]*\benv\b[^{}=]*\}\s*=\s*process\b/;
const ENVIRONMENT_PASSED_BY = /^src\/(?:main|cli\/index)\.ts$/;

/** The adapter that a file is part of. */
const adapterOf = (file: string) => /^src\/bot\/(slack|discord|console)\//.exec(file)?.[1];

/** `@scope/name` or `name` of a bare specifier. */
const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

const isPure = (file: string, source: string) =>
  PURE.test(file) || /(?:^|[\s.])Pure\.(?=\s)/.test(/^\s*(?:\/\*\*[\s\S]*?\*\/)/.exec(source)?.[0] ?? "");

/** Checks sources by their path from the root of the repository, such as `src/bot/cards/card.ts`. */
export function check(sources: ReadonlyMap<string, string>): Violation[] {
  return [...sources].flatMap(([file, source]) => checkFile(file, source));
}

function checkFile(file: string, source: string): Violation[] {
  const lexed = lex(source);
  const violations: Violation[] = [];
  const report = (rule: Rule, detail: string) => violations.push({ rule, file, detail });
  const pure = isPure(file, source);

  for (const { specifier, typeOnly } of importsOf(lexed)) {
    if (specifier === null) {
      report("an import says what it imports", "an import with a computed target");
    } else if (specifier.startsWith(".")) {
      checkInner(file, path.posix.join(path.posix.dirname(file), specifier), pure && !typeOnly, report);
    } else {
      checkVendor(file, packageOf(specifier), pure && !typeOnly, report);
    }
  }

  if (pure) {
    const found = IMPURE_CODE.exec(lexed.code);
    if (found) report("pure files have no clock, chance or environment", found[0]);
  }
  if (!ENVIRONMENT_PASSED_BY.test(file) && ENVIRONMENT.test(lexed.code)) {
    report("the environment is read in one place", "process.env");
  }
  if (/(?:^|\/)(?:utils?|helpers?|misc|common)(?:[.-][\w.-]+)?(?:\/|$)/.test(file))
    report("a file is named by its noun", file);
  const lines = source.trimEnd().split("\n").length;
  if (lines > MAX_LINES) report("a file is short", `${lines} lines`);
  const variable = /^(?:export\s+)?(?:let|var)\s+[\w${[]+/m.exec(lexed.code);
  if (variable) report("no module-level variable", variable[0]);
  return violations;
}

type Report = (rule: Rule, detail: string) => void;

function checkInner(file: string, target: string, pure: boolean, report: Report): void {
  const from = (zone: string) => file.startsWith(`src/${zone}/`);
  const to = (zone: string) => target.startsWith(`src/${zone}/`);
  if (from("bot") && to("orchestrator") && target !== "src/orchestrator/index.ts") {
    report("bot knows only the index of the orchestrator", target);
  }
  if (from("orchestrator") && to("bot")) report("the orchestrator knows no platform", target);
  const adapter = adapterOf(target);
  // What two of them need is in src/bot/chat, which knows none of them either.
  if (adapter !== undefined && adapter !== adapterOf(file) && (adapterOf(file) !== undefined || from("bot/chat"))) {
    report("one adapter does not know another", target);
  }
  if (from("tools") && !to("tools")) report("tools know only themselves", target);
  if (!from("tools") && to("tools") && target !== "src/tools/index.ts")
    report("tools are known by their index", target);
  if ((target === "src/main.ts" || to("cli")) && !from("cli"))
    report("only the entry knows the composition root", target);
  if (pure && IMPURE_TARGET.test(target)) report("pure files know no service, store or vendor", target);
}

function checkVendor(file: string, vendor: string, pure: boolean, report: Report): void {
  const isBuiltin = vendor.startsWith("node:");
  if (/^src\/orchestrator\//.test(file) && /^(?:@slack\/|discord|@discordjs\/)/.test(vendor)) {
    report("the orchestrator knows no platform", vendor);
  }
  if (/^src\/tools\//.test(file) && !isBuiltin && !TOOL_VENDORS.test(vendor)) {
    report("tools know only themselves", vendor);
  }
  if (pure && !PURE_VENDORS.test(vendor)) report("pure files know no service, store or vendor", vendor);
  if (isBuiltin) return;
  const homes = HOMES.filter(([name]) => name.test(vendor));
  if (!homes.some(([, home]) => home.test(file))) {
    report("a vendor has one home", homes.length === 0 ? `${vendor}, which has no home` : vendor);
  }
}
