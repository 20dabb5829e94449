/** The command line. Each command loads only what it needs; `start` is the leanest. */
import { Command, CommanderError } from "commander";
import { version } from "../package-root.ts";
import type { AuditCommand } from "./audit.ts";
import type { CliIo } from "./io.ts";
import type { SecretCommand } from "./secret.ts";

const STOP_LIMIT_MS = 10_000;

/**
 * Runs one command.
 * @param args what stands after `claw`
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration. The caller ends the process with it.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let exitCode = 0;
  const set = (code: number) => {
    exitCode = code;
  };
  try {
    await program(io, set).parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed what is wrong already; help and --version come this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { explain } = await import("./explain.ts");
    const { text, exitCode: code } = explain(error, null);
    io.stderr.write(`${text}\n`);
    return code;
  }
}

function program(io: CliIo, set: (exitCode: number) => void): Command {
  const claw = new Command("claw")
    .description("Scheduled agents for Slack and Discord that nobody has to babysit.")
    .version(version())
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .showHelpAfterError("(claw --help lists the commands)");

  claw
    .command("start")
    .description("start Claw: database, schedules, chat platforms, console page")
    .action(async () => {
      const [{ runStart }, { startClaw }] = await Promise.all([import("./start.ts"), import("../main.ts")]);
      set(await runStart(io, { startClaw, stopLimitMs: STOP_LIMIT_MS }));
    });

  claw
    .command("migrate")
    .description("bring the database to this version's shape (start does it too)")
    .action(async () => set(await (await import("./migrate.ts")).runMigrate(io)));

  claw
    .command("doctor")
    .description("check database, model, Slack, Discord, clock, zone, data directory and port")
    .option("--json", "print one JSON object")
    .action(async (options: { json?: boolean }) =>
      set(await (await import("./doctor.ts")).runDoctor({ json: options.json === true }, io)),
    );

  claw
    .command("schedule")
    .description('print how a phrase is understood: claw schedule "every weekday at 9" --zone Europe/Berlin')
    // It reads its own arguments.
    .argument("[args...]")
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (rest: string[]) => set(await (await import("./schedule.ts")).runScheduleCommand(rest, io)));

  claw
    .command("tools")
    .description("list every tool: what it does, who may use it, how it fares; claw tools <name> shows one whole")
    .argument("[name]")
    .option("--workspace <id>", "figures and rules of this workspace only")
    .option("--json", "print one JSON document")
    .action(async (name: string | undefined, options: { workspace?: string; json?: boolean }) =>
      set(
        await (await import("./tools.ts")).runTools(
          { name: name ?? null, workspace: options.workspace ?? null, json: options.json === true },
          io,
        ),
      ),
    );

  const secret = claw.command("secret").description("set, list and delete the secrets that tools use by name");
  const secretCommand = (command: SecretCommand) =>
    import("./secret.ts").then(async ({ runSecret }) => set(await runSecret(command, io)));
  secret
    .command("set <name> [value...]")
    .description("its value is asked for, or comes in over a pipe; it never stands in the command line")
    .option("--workspace <id>", "whose; needed where there are several")
    .action((name: string, rest: string[], { workspace = null }: { workspace?: string | null }) =>
      secretCommand({ action: "set", name, workspace, inLine: rest.length > 0 }),
    );
  secret
    .command("list")
    .description("the names, never the values")
    .option("--workspace <id>", "of this workspace only")
    .action(({ workspace = null }: { workspace?: string | null }) => secretCommand({ action: "list", workspace }));
  secret
    .command("delete <name>")
    .description("forget it")
    .option("--workspace <id>", "whose; needed where there are several")
    .action((name: string, { workspace = null }: { workspace?: string | null }) =>
      secretCommand({ action: "delete", name, workspace }),
    );
  secret
    .command("rotate")
    .description("seal everything anew with CLAW_SECRET_KEY; CLAW_SECRET_KEY_OLD opens what was sealed before")
    .action(() => secretCommand({ action: "rotate" }));

  const mcp = claw
    .command("mcp")
    .description("list what MCP servers offer, and what of it has changed")
    .action(async () => set(await (await import("./mcp.ts")).runMcp({ action: "list" }, io)));
  mcp
    .command("accept <server> <tool>")
    .description("show how a tool has changed, and accept it so")
    .action(async (server: string, tool: string) =>
      set(await (await import("./mcp.ts")).runMcp({ action: "accept", server, tool }, io)),
    );

  const audit = claw.command("audit").description("check the sealed record, print its head, or seal now");
  const auditCommand = (action: AuditCommand["action"], description: string) =>
    audit
      .command(action)
      .description(description)
      .option("--json", "print one JSON document")
      .action(async (options: Omit<AuditCommand, "action" | "json"> & { json?: boolean }) =>
        set(await (await import("./run-audit.ts")).runAudit({ ...options, action, json: options.json === true }, io)),
      );
  auditCommand("verify", "find any change, removal or reordering in the sealed part")
    .option("--workspace <id>", "this workspace only")
    .option("--head <head>", "a head kept elsewhere, to compare with");
  auditCommand("head", "print the head of each chain, to be kept elsewhere").option(
    "--workspace <id>",
    "this workspace only",
  );
  auditCommand("seal", "seal what is not sealed yet");
  return claw;
}
