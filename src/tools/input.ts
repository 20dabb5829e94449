/** From the arguments as a model wrote them to an input that its contract accepts. */
import type { z } from "zod";
import { fail, ok, type ToolContract, type ToolResult } from "./contract.ts";
import { jsonFault } from "./json-fault.ts";

/** Longer arguments are a model gone astray. */
const MAX_ARGUMENTS = 256 * 1024;
/** How many faults a model is told at once. */
const MAX_FAULTS = 5;

/**
 * Checks a call's arguments. Pure; a second call gives the same.
 * @param rawArguments JSON as the model wrote it; empty counts as `{}`
 * @returns the input, or `malformed_arguments`, `invalid_input` or `too_large` with what to write instead
 */
export function validateInput<I>(contract: ToolContract<I>, rawArguments: string): ToolResult<I> {
  if (rawArguments.length > MAX_ARGUMENTS) {
    return fail("too_large", `the arguments of ${contract.name} are over ${MAX_ARGUMENTS} characters: send less`);
  }
  const raw = rawArguments.trim() === "" ? "{}" : rawArguments;
  const parsed = parseJson(contract.name, raw);
  if (!parsed.ok) return parsed;
  const unstorable = unstorablePath(parsed.value, []);
  if (unstorable) {
    return invalid(contract.name, [`${unstorable}: ${STORABLE}`]);
  }
  const checked = contract.input.safeParse(parsed.value);
  return checked.success ? ok(checked.data) : invalid(contract.name, issueLines(checked.error));
}

export interface InputFault {
  readonly path: readonly string[];
  /** What is wrong or wanted there: `expected string`. Never quotes the value. */
  readonly message: string;
}

/** What a contract says against a JSON value as its input; empty when nothing. Pure. */
export function inputFaults(contract: ToolContract, value: unknown): readonly InputFault[] {
  const unstorable = unstorablePath(value, []);
  if (unstorable) return [{ path: unstorable.split("."), message: STORABLE }];
  const checked = contract.input.safeParse(value);
  if (checked.success) return [];
  return checked.error.issues.map((issue) => ({ path: issue.path.map(String), message: issueText(issue) }));
}

const STORABLE = "a text without NUL and broken characters";

/** The faults of a value, a line each: `headers.accept: expected string`. Never quotes the value. */
export function issueLines(error: z.ZodError): readonly string[] {
  return error.issues.map((issue) => `${pathOf(issue.path)}: ${issueText(issue)}`);
}

function issueText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return `unknown ${issue.keys.map((key) => JSON.stringify(key.slice(0, 60))).join(", ")}`;
    case "invalid_type":
      return /received undefined/.test(issue.message)
        ? `missing; expected ${issue.expected}`
        : `expected ${issue.expected}`;
    default:
      return issue.message.replace(/^Invalid input: /, "");
  }
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? "arguments" : path.map((part) => String(part).slice(0, 60)).join(".");

function invalid(name: string, lines: readonly string[]): ToolResult<never> {
  const more = lines.length > MAX_FAULTS ? [`and ${lines.length - MAX_FAULTS} more`] : [];
  return fail("invalid_input", `${name} cannot be called so. ${[...lines.slice(0, MAX_FAULTS), ...more].join("; ")}`);
}

function parseJson(name: string, raw: string): ToolResult<unknown> {
  try {
    return ok(JSON.parse(raw));
  } catch {
    const fault = jsonFault(raw);
    const at = fault?.position ?? 0;
    const found = at >= raw.length ? "the end" : JSON.stringify(String.fromCodePoint(raw.codePointAt(at) ?? 0));
    return fail(
      "malformed_arguments",
      `the arguments of ${name} are not JSON: at position ${at} expected ${fault?.expected ?? "JSON"}, found ${found}. Send one JSON object.`,
    );
  }
}

/** Where a NUL or half a surrogate pair stands: the journal cannot keep such a call as it is, so it is not made. */
function unstorablePath(value: unknown, path: readonly string[]): string | null {
  if (typeof value === "string") return /\u0000|\p{Surrogate}/u.test(value) ? pathOf(path) : null;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, each] of Object.entries(value)) {
    const found = unstorablePath(key, path) ?? unstorablePath(each, [...path, key]);
    if (found) return found;
  }
  return null;
}
