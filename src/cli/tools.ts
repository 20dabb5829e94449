/** `claw tools [name]`: every tool of this configuration, who may use it and how it fares; in the words of the command in chat. */
import { existsSync } from "node:fs";
import { toolWords } from "../bot/cards/tools.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import { connect, type Database } from "../orchestrator/db/client.ts";
import { ClawError } from "../orchestrator/errors.ts";
import { createPins } from "../orchestrator/mcp/store.ts";
import type { Policy } from "../orchestrator/policy/policy.ts";
import { heldRules } from "../orchestrator/policy/rules/store.ts";
import { workspaceIds } from "../orchestrator/secrets/store.ts";
import { readTools, type ToolView, toolViews } from "../orchestrator/tool-figures/reading.ts";
import { httpOf, type OwnTools, ownTools } from "../tool-list.ts";
import { fail, inputSchema, pinnedMcpTools, type ToolContract, type ToolResult } from "../tools/index.ts";
import { configured } from "./configured.ts";
import { reachDatabase } from "./database.ts";
import type { CliIo } from "./io.ts";
import { fieldLines } from "./schema-words.ts";

export interface ToolsCommand {
  /** Null: all of them. */
  readonly name: string | null;
  /** Null: figures of all workspaces together, and the file's rules alone. */
  readonly workspace: string | null;
  readonly json: boolean;
}

interface Looked {
  readonly contracts: readonly ToolContract[];
  readonly views: readonly ToolView[];
  /** There was a database to count calls in. */
  readonly counted: boolean;
  /** What is left out, and why; a sentence each. */
  readonly remarks: readonly string[];
}

const MISUSED = 2;

/** @returns the exit code: 2 for a tool or workspace that there is not */
export const runTools = (command: ToolsCommand, io: CliIo): Promise<number> =>
  configured(io, async (config, log) => {
    const looked = await look(config, log, command.workspace).catch((error: unknown) => {
      if (!(error instanceof ClawError && error.code === "unknown_subject")) throw error;
      io.stderr.write(`${error.message}\n`);
      return null;
    });
    return looked === null ? MISUSED : print(command, looked, io);
  });

async function look(config: Config, log: Log, workspace: string | null): Promise<Looked> {
  const policy: Policy = { file: config.permissions, chat: [] };
  const alone = (why: string): Looked => {
    const { first, last } = ownOf(config);
    const contracts = [...first, ...last];
    const mcp = config.mcp.servers.length > 0 ? ", and the tools of MCP servers are not listed" : "";
    return {
      contracts,
      views: toolViews(contracts, policy, []),
      counted: false,
      remarks: [`${why} So there are no figures${mcp}.`],
    };
  };
  if (config.databaseUrl === null && !existsSync(config.postgresDir)) {
    if (workspace !== null)
      throw new ClawError("unknown_subject", `There is no workspace ${workspace}: Claw has not been started here.`);
    return alone("There is no database yet: claw start makes one, or set DATABASE_URL.");
  }
  let reached: Awaited<ReturnType<typeof reachDatabase>>;
  try {
    reached = await reachDatabase(config, log);
  } catch (error) {
    if (workspace !== null || !(error instanceof ClawError)) throw error;
    return alone(`${error.message} `.trimEnd());
  }
  try {
    const client = connect(reached.url, { max: 1, applicationName: "claw-tools" });
    try {
      return await lookIn(client.db, config, log, workspace);
    } finally {
      await client.close();
    }
  } finally {
    await reached.leave();
  }
}

async function lookIn(db: Database, config: Config, log: Log, workspace: string | null): Promise<Looked> {
  const known = await workspaceIds(db);
  if (workspace !== null && !known.includes(workspace)) {
    throw new ClawError(
      "unknown_subject",
      `There is no workspace ${workspace}. There are: ${known.join(", ") || "none"}.`,
    );
  }
  const [only] = known;
  const of = workspace ?? (known.length === 1 && only !== undefined ? only : null);
  const clock = { now: Date.now };
  const own = ownOf(config);
  const { servers } = config.mcp;
  const mcp = await pinnedMcpTools({ servers, taken: names(own), pins: createPins({ db, clock }), log });
  const contracts = [...own.first, ...mcp, ...own.last];
  const policy: Policy = { file: config.permissions, chat: of === null ? [] : await heldRules(db, of) };
  const views = await readTools(db, contracts, policy, of, new Date(clock.now()));
  const remarks =
    of === null && known.length > 1
      ? [
          `No workspace is named: these are the figures of all ${known.length} together, without the rules that people gave in chat. --workspace takes one of ${known.join(", ")}.`,
        ]
      : [];
  return { contracts, views, counted: true, remarks };
}

/** Nothing is called from here. */
const none = async (): Promise<ToolResult<never>> =>
  fail("not_permitted", "tools are only looked at from the command line");
/** Claw's own tools, to be looked at: each of them refuses to be called. */
export const ownOf = (config: Config): OwnTools =>
  ownTools(config, httpOf(config), {
    channels: { post: none, read: none, pin: none, react: none },
    // What a workflow would be is said of a call; here there are none.
    workflows: { list: none, run: none, pause: none, create: none, plan: () => fail("not_permitted", "not here") },
    memory: { remember: none, recall: none, forget: none },
  });
const names = ({ first, last }: OwnTools): string[] => [...first, ...last].map(({ name }) => name);

function print({ name, json }: ToolsCommand, { contracts, views, counted, remarks }: Looked, io: CliIo): number {
  const write = (line: string) => void io.stdout.write(`${line}\n`);
  const contract = contracts.find((each) => each.name === name);
  const view = views.find((each) => each.name === name);
  if (name !== null && (!contract || !view)) {
    io.stderr.write(`There is no tool ${name}. There are: ${views.map((each) => each.name).join(", ")}.\n`);
    return MISUSED;
  }
  if (json) {
    const whole = contract && view ? { ...view, timeoutMs: contract.timeoutMs, input: inputSchema(contract) } : views;
    write(JSON.stringify(name === null ? { tools: views, remarks } : { tool: whole, remarks }, null, 2));
    return 0;
  }
  if (contract && view) for (const line of wholeLines(contract, view, counted)) write(line);
  else for (const line of table(views, counted)) write(line);
  for (const remark of remarks) write(`\n${remark}`);
  return 0;
}

function table(views: readonly ToolView[], counted: boolean): readonly string[] {
  const width = Math.max(...views.map(({ name }) => name.length));
  return views.flatMap((view) => {
    const [effect, asks, egress, retry, who, figures] = toolWords(view);
    const rest = `${" ".repeat(width)}  `;
    return [
      `${view.name.padEnd(width)}  ${effect} · ${asks} · ${egress} · ${retry}`,
      `${rest}${who}${counted ? ` · ${figures}` : ""}`,
    ];
  });
}

function wholeLines(contract: ToolContract, view: ToolView, counted: boolean): readonly string[] {
  const [effect, asks, egress, retry, who, figures] = toolWords(view);
  const fields = fieldLines(inputSchema(contract), "  ");
  const trust = contract.outputTrust === "untrusted" ? "outside text: the run asks more from then on" : "Claw's own";
  return [
    contract.name,
    contract.description,
    "",
    `effect     ${effect}, ${asks}`,
    `sends      ${egress.replace(/^sends /u, "")}`,
    `repeated   ${retry.replace("repeated ", "")}`,
    `limit      ${contract.timeoutMs / 1_000} s an attempt`,
    `answers    ${trust}`,
    `used by    ${who}`,
    ...(counted ? [`figures    ${figures}`] : []),
    "",
    fields.length === 0 ? "It takes nothing." : "It takes:",
    ...fields,
  ];
}
