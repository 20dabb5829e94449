/** `bin/claw.js` and the build behind it, in a folder of their own with a command line of three lines. */
import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

const root = path.join(import.meta.dirname, "..", "..");

const COMMANDS = `
import { word } from "./word.ts";
interface Io { stdout: { write(text: string): void }; cwd: string; env: Record<string, string> }
export async function runCli(args: string[], io: Io): Promise<number> {
  const { late } = await import("./late.tsx");
  io.stdout.write([word, late, io.env.CLAW_LAUNCHER_SAMPLE, ...args].join(" ") + "\\n");
  return args.length;
}
`;

function installation(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "claw-launcher-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of ["bin", "scripts", "package.json"])
    cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  mkdirSync(path.join(folder, "src", "cli"), { recursive: true });
  write(folder, "src/cli/index.ts", COMMANDS);
  write(folder, "src/cli/word.ts", 'export const word: string = "first";');
  write(folder, "src/cli/late.tsx", "export const late = String(<b>bold</b>);");
  return folder;
}

const write = (folder: string, file: string, text: string) => writeFileSync(path.join(folder, file), text);

interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

async function claw(folder: string, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(folder, "bin", "claw.js"), ...args], {
    cwd: tmpdir(),
    env: { ...process.env, CLAW_LAUNCHER_SAMPLE: "env" },
  });
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text.out += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    text.err += part;
  });
  return await new Promise((resolve) => child.on("close", (exitCode) => resolve({ exitCode, ...text })));
}

describe("the launcher", () => {
  test("builds what was never built, passes on arguments and environment, and ends with the command's exit code", async () => {
    const folder = installation();
    expect(await claw(folder, "a", "b", "c")).toEqual({ exitCode: 3, out: "first <b>bold</b> env a b c\n", err: "" });
    expect(readdirSync(path.join(folder, "dist")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("builds nothing anew as long as nothing changed", async () => {
    const folder = installation();
    await claw(folder);
    const entry = path.join(folder, "dist", "cli.js");
    const built = statSync(entry);
    await claw(folder);
    expect(statSync(entry).ino).toBe(built.ino);
  });

  test.each([
    ["changed", (folder: string) => write(folder, "src/cli/word.ts", 'export const word = "second";')],
    [
      "renamed",
      (folder: string) => {
        write(folder, "src/cli/noun.ts", 'export const word = "second";');
        write(folder, "src/cli/index.ts", COMMANDS.replace("word.ts", "noun.ts"));
        rmSync(path.join(folder, "src/cli/word.ts"));
      },
    ],
  ])("builds anew when a source was %s", async (_what, change) => {
    const folder = installation();
    await claw(folder);
    change(folder);
    expect((await claw(folder)).out).toContain("second");
  });

  test("says what is wrong when it cannot be built, without a stack", async () => {
    const folder = installation();
    write(folder, "src/cli/word.ts", "export const word = ;");
    const { exitCode, err } = await claw(folder);
    expect(exitCode).toBe(1);
    expect(err).toContain("src/cli/word.ts:1:20");
    expect(err).not.toMatch(/^\s+at /m);
  });

  test("may be started many times at once before it was built", async () => {
    const folder = installation();
    const ended = await Promise.all(Array.from({ length: 4 }, () => claw(folder, "x")));
    for (const one of ended) expect(one).toEqual({ exitCode: 1, out: "first <b>bold</b> env x\n", err: "" });
  });

  test("keeps the parts that a running process may still load, and not for ever", async () => {
    const folder = installation();
    await claw(folder);
    const [part] = readdirSync(path.join(folder, "dist")).filter((name) => /^late-.*\.js$/.test(name));
    write(folder, "src/cli/late.tsx", 'export const late = "other";');
    await claw(folder);
    expect(readdirSync(path.join(folder, "dist"))).toContain(part);

    const old = new Date(Date.now() - 48 * 3_600_000);
    utimesSync(path.join(folder, "dist", part ?? ""), old, old);
    write(folder, "src/cli/word.ts", 'export const word = "third";');
    expect((await claw(folder)).out).toBe("third other env\n");
    expect(readdirSync(path.join(folder, "dist"))).not.toContain(part);
  });

  test("survives a reader that goes away", async () => {
    const folder = installation();
    write(
      folder,
      "src/cli/index.ts",
      `export async function runCli(args, io) {
        for (let i = 0; i < 20000; i += 1) { io.stdout.write("line\\n"); if (i % 100 === 0) await new Promise(setImmediate); }
        io.stderr.write("all written");
        return 0;
      }`,
    );
    const child = spawn(process.execPath, [path.join(folder, "bin", "claw.js")], { cwd: tmpdir() });
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      err += part;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
    expect(err).toBe("all written");
  });
});
