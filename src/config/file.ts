/** Reads `claw.config.yaml` and says where in it something is wrong. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type * as Yaml from "yaml";
import { type Problem, unknownKey } from "./problem.ts";
import { ConfigFile, knownKeysAt } from "./schema.ts";

/** `console.people[0].role` */
const dotted = (keys: readonly PropertyKey[]) =>
  keys.map((key, at) => (typeof key === "number" ? `[${key}]` : `${at > 0 ? "." : ""}${String(key)}`)).join("");

/** A key without a value, such as a section whose lines are all commented out, counts as unset. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])),
  );
}

/** The parser's own messages quote the file, which may hold what should not be shown; so the code is put into words here. */
const SYNTAX: Partial<Record<Yaml.ErrorCode, string>> = {
  BAD_INDENT: "the indentation is wrong",
  TAB_AS_INDENT: "tabs cannot indent; use spaces",
  DUPLICATE_KEY: "a key stands there twice",
  MULTIPLE_DOCS: "the file must hold one document",
  MISSING_CHAR: "a quote, colon, comma or bracket is missing",
  BAD_DQ_ESCAPE: "a backslash in double quotes is not a known escape",
};

/** A bracket that is never closed is told by the parser as an indentation, at the end of what it holds. */
const syntaxOf = ({ code, message }: Yaml.YAMLParseError): string => {
  const [open, close] = message.startsWith("Flow sequence") ? "[]" : message.startsWith("Flow map") ? "{}" : "";
  if (code === "BAD_INDENT" && open) {
    return `a ${open} before it is not closed by a ${close}, or what it holds is not indented`;
  }
  return SYNTAX[code] ?? "this cannot stand here";
};

const whyUnreadable = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return "does not exist";
  if (code === "EACCES" || code === "EPERM") return "cannot be read: permission denied";
  if (code === "EISDIR") return "is a directory, not a file";
  return `cannot be read${code === "" ? "" : ` (${code})`}`;
};

export interface ReadFile {
  readonly content: ConfigFile;
  /** Null when there is no file and none was asked for. */
  readonly path: string | null;
  readonly problems: readonly Problem[];
}

/**
 * Reads the file; none at the default place is an empty one.
 * @param named what CLAW_CONFIG says, or null
 */
export function readConfigFile(cwd: string, named: string | null): ReadFile {
  const file = path.resolve(cwd, named ?? "claw.config.yaml");
  const shown = named ?? "claw.config.yaml";
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (absent && named === null) return { content: {}, path: null, problems: [] };
    const key = named === null ? shown : "CLAW_CONFIG";
    return { content: {}, path: file, problems: [{ key, problem: `the file ${file} ${whyUnreadable(error)}` }] };
  }

  // Loaded only when there is a file: most machines start without one.
  const yaml: typeof Yaml = createRequire(import.meta.url)("yaml");
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "silent" });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      key: shown,
      problem: `is not valid YAML at ${position(error.pos[0])}: ${syntaxOf(error)}`,
    }));
    return { content: {}, path: file, problems };
  }

  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 });
  } catch {
    return { content: {}, path: file, problems: [{ key: shown, problem: "uses an alias that cannot be resolved" }] };
  }
  const parsed = ConfigFile.safeParse(withoutNulls(raw) ?? {});
  if (parsed.success) return { content: parsed.data, path: file, problems: [] };

  const at = (keys: readonly PropertyKey[]): string => {
    for (let length = keys.length; length > 0; length -= 1) {
      const node = document.getIn(keys.slice(0, length), true);
      if (yaml.isNode(node) && node.range) return ` (${shown}, ${position(node.range[0])})`;
    }
    return ` (${shown})`;
  };
  const problems = parsed.error.issues.flatMap((issue): Problem[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => {
          const keys = [...issue.path, key];
          return { key: dotted(keys), problem: unknownKey(key, knownKeysAt(issue.path)) + at(keys) };
        })
      : [{ key: dotted(issue.path) || shown, problem: issue.message + at(issue.path) }],
  );
  return { content: {}, path: file, problems };
}
