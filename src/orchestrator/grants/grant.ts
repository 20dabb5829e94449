/** A grant: a standing yes to calls of one tool whose arguments fit a pattern. Pure. */
import { z } from "zod";
import type { ToolContract } from "../../tools/index.ts";
import { argumentText, fits, isFixed, literal } from "../policy/pattern.ts";

/** Patterns by the argument's name. What is not among them must not be given at all. */
export const GrantPattern = z.record(z.string(), z.string());
export type GrantPattern = z.infer<typeof GrantPattern>;

export interface Grant {
  readonly id: string;
  readonly workspaceId: string;
  readonly number: number | null;
  readonly workflowId: string;
  readonly tool: string;
  readonly contractHash: string;
  readonly instructionHash: string;
  readonly pattern: GrantPattern;
  readonly afterOutside: boolean;
  readonly uses: number;
  readonly usesLeft: number;
  readonly expiresAt: Date;
  readonly approvalId: string | null;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly givenAt: Date | null;
  readonly revokedBy: string | null;
  readonly revokedAt: Date | null;
}

/** What a new grant allows until somebody says otherwise. */
export const GRANT_DEFAULTS = { uses: 20, days: 30 } as const;
export const MOST_USES = 10_000;
export const MOST_DAYS = 366;

/** The pattern that fits these arguments alone. */
export const exactPattern = (input: unknown): GrantPattern =>
  Object.fromEntries(
    Object.entries(typeof input === "object" && input !== null ? input : {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, literal(argumentText(value))]],
    ),
  );

/** Why a grant does not hold any more, in words; null while it does. */
export function whyOver(
  grant: Grant,
  now: Date,
  present: { readonly contractHash: string | null; readonly instructionHash: string | null },
): string | null {
  if (grant.revokedAt) return "revoked";
  if (grant.expiresAt <= now) return "expired";
  if (grant.usesLeft <= 0) return "used up";
  if (present.contractHash !== grant.contractHash) return "void: the tool has changed since it was given";
  if (present.instructionHash !== null && present.instructionHash !== grant.instructionHash) {
    return "void: the workflow's instruction has changed since it was given";
  }
  return null;
}

/**
 * Whether a call fits the grant. After outside text only when a person ticked that, and every argument that says where is
 * fixed; what is destructive never.
 */
export function covers(
  grant: Pick<Grant, "tool" | "pattern" | "afterOutside">,
  contract: ToolContract,
  input: unknown,
  tainted: boolean,
): boolean {
  if (grant.tool !== contract.name) return false;
  if (tainted && (contract.effect === "destructive" || !grant.afterOutside || !fixesWhere(grant.pattern, contract))) {
    return false;
  }
  const given = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  if (Object.entries(given).some(([name, value]) => value !== undefined && !Object.hasOwn(grant.pattern, name))) {
    return false;
  }
  return Object.entries(grant.pattern).every(([name, pattern]) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    return value === undefined ? pattern === "*" : fits(pattern, argumentText(value));
  });
}

/** Whether the pattern leaves no choice of where data goes. A tool that does not say which arguments do has all of them do. */
export function fixesWhere(pattern: GrantPattern, contract: ToolContract): boolean {
  if (contract.egress !== "by_argument") return true;
  const saying = contract.where ?? Object.keys(pattern);
  return saying.every((name) => !Object.hasOwn(pattern, name) || isFixed(pattern[name] ?? "*"));
}

/** `channel_post with channel = "#ops", text = anything`. */
export function grantWords({ tool, pattern }: Pick<Grant, "tool" | "pattern">): string {
  const given = Object.entries(pattern).map(([name, value]) =>
    value === "*"
      ? `${name} = anything`
      : `${name} = ${isFixed(value) ? JSON.stringify(unescaped(value)) : `like ${JSON.stringify(value)}`}`,
  );
  return given.length === 0 ? `${tool} without arguments` : `${tool} with ${given.join(", ")}`;
}

const unescaped = (pattern: string): string =>
  pattern.replace(/\\([*n\\])/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
