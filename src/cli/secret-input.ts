/** Takes in a secret: typed without being shown, or over a pipe. It is never an argument, which others on the machine can read. */
import { ClawError } from "../orchestrator/errors.ts";
import type { CliIo, Input } from "./io.ts";

const MOST = 64 * 1024;
/** A shorter one may be a word, which nothing could keep out of a log without spoiling it. */
const LEAST = 8;

/** @returns null when the person gave up (Ctrl-C) @throws ClawError `invalid_input` without the value */
export async function readSecret(name: string, io: CliIo): Promise<string | null> {
  const { stdin } = io;
  if (!stdin)
    throw new ClawError("invalid_input", `The value of ${name} comes in over standard input, and there is none.`);
  const typed = stdin.isTTY === true && stdin.setRawMode !== undefined;
  if (typed) io.stderr.write(`Value of ${name} (it is not shown; Enter ends it): `);
  const raw = typed ? await typedLine(stdin) : await whole(stdin);
  if (typed) io.stderr.write("\n");
  if (raw === null) return null;
  const value = typed ? raw : raw.replace(/\r?\n$/, "");
  if (value.length < LEAST) {
    throw new ClawError("invalid_input", `A secret has at least ${LEAST} characters; this one has ${value.length}.`);
  }
  if (value.includes("\0")) throw new ClawError("invalid_input", "A secret is text; this one has a NUL in it.");
  return value;
}

function whole(stdin: Input): Promise<string> {
  return collect(stdin, () => "more");
}

/** Up to Enter. Backspace takes back the last character. */
async function typedLine(stdin: Input): Promise<string | null> {
  stdin.setRawMode?.(true);
  try {
    const text = await collect(stdin, (so) => (/[\r\n\u0003\u0004]/.test(so) ? "done" : "more"));
    const [line = ""] = text.split(/[\r\n\u0004]/);
    if (line.includes("\u0003")) return null;
    const characters: string[] = [];
    for (const character of line) {
      if (character === "\u007f" || character === "\b") characters.pop();
      else characters.push(character);
    }
    return characters.join("");
  } finally {
    stdin.setRawMode?.(false);
  }
}

function collect(stdin: Input, look: (text: string) => "more" | "done"): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const text = () => Buffer.concat(chunks).toString("utf8");
    const end = (settle: () => void) => {
      stdin.off("data", onData);
      stdin.off("end", onEnd);
      stdin.off("error", onError);
      stdin.pause?.();
      settle();
    };
    const onEnd = () => end(() => resolve(text()));
    const onError = (error?: unknown) => end(() => reject(error));
    const onData = (chunk?: unknown) => {
      chunks.push(Buffer.from(chunk as Buffer | string));
      const so = text();
      if (so.length > MOST) {
        end(() => reject(new ClawError("invalid_input", `A secret has at most ${MOST} characters.`)));
      } else if (look(so) === "done") onEnd();
    };
    stdin.on("data", onData);
    stdin.on("end", onEnd);
    stdin.on("error", onError);
    stdin.resume?.();
  });
}
