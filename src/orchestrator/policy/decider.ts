/** Who may decide about a call, and under which terms. Pure. */
import { z } from "zod";
import { type MemberId, ROLES, type Role } from "../ports.ts";

/**
 * `approver`: that role or more. `@leads`: a Slack user group or Discord role by its name, or a member by the last part of
 * their id (`@U0123ABC`, `@lin` at the console); never by the name they show, which anybody can take.
 */
export const Decider = z.union([z.enum(ROLES), z.string().regex(/^@[\p{L}\p{N}._-]{1,80}$/u)]);
export type Decider = z.infer<typeof Decider>;

export const Terms = z.strictObject({
  /** Each list names alternatives, and one of every list must be met. */
  by: z.array(z.array(Decider).min(1)),
  /** How many people must say yes. */
  quorum: z.number().int().positive(),
  /** The author is whoever owns the workflow, wrote its revision, started the run or changed the arguments. */
  authorMayApprove: z.boolean(),
  /** Milliseconds from the asking until a yes takes effect. */
  waitMs: z.number().int().nonnegative(),
  /** Milliseconds; null: as the workflow says. */
  expiryMs: z.number().int().positive().nullable(),
  /** Channels that are told, too, at half of the time. */
  escalateTo: z.array(z.string()),
});
export type Terms = z.infer<typeof Terms>;

/** What a rule says of the terms; what it does not say is left to others. */
export type SomeTerms = {
  readonly by?: readonly Decider[] | undefined;
  readonly quorum?: number | undefined;
  readonly authorMayApprove?: boolean | undefined;
  readonly waitMs?: number | undefined;
  readonly expiryMs?: number | undefined;
  readonly escalateTo?: string | undefined;
};

/** Who decides where nobody said who. */
export const DEFAULT_DECIDER: Role = "approver";

/** The strictest of them: everybody's conditions hold, the most votes, the longest wait, the shortest time. */
export function strictest(all: readonly SomeTerms[]): Terms {
  const said = <K extends keyof SomeTerms>(key: K) =>
    all.flatMap((terms) => (terms[key] === undefined ? [] : [terms[key]])) as NonNullable<SomeTerms[K]>[];
  const by = said("by").map((list) => [...list]);
  const unique = [...new Map(by.map((list) => [[...list].sort().join(" "), list])).values()];
  const expiries = said("expiryMs");
  return {
    by: unique.length > 0 ? unique : [[DEFAULT_DECIDER]],
    quorum: Math.max(1, ...said("quorum")),
    authorMayApprove: !said("authorMayApprove").includes(false),
    waitMs: Math.max(0, ...said("waitMs")),
    expiryMs: expiries.length > 0 ? Math.min(...expiries) : null,
    escalateTo: [...new Set(said("escalateTo"))],
  };
}

/** A member as their platform last introduced them. */
export interface Person {
  readonly memberId: MemberId;
  readonly role: Role;
  readonly groups: readonly string[];
}

/**
 * Whether a person may decide under these terms. Viewers, and so outsiders, never.
 * @param authors whose call it is, so that they may not decide where the terms keep them out
 */
export function mayDecide(terms: Terms, person: Person, authors: readonly MemberId[]): boolean {
  if (person.role === "viewer") return false;
  if (!terms.authorMayApprove && authors.includes(person.memberId)) return false;
  return terms.by.length > 0 && terms.by.every((list) => list.some((decider) => isDecider(decider, person)));
}

function isDecider(decider: Decider, { memberId, role, groups }: Person): boolean {
  const least = ROLES.indexOf(decider as Role);
  if (least >= 0) return ROLES.indexOf(role) >= least;
  const name = decider.slice(1).toLowerCase();
  if (memberId.slice(memberId.lastIndexOf(":") + 1).toLowerCase() === name) return true;
  return groups.some((group) => group.replace(/^@/, "").toLowerCase() === name);
}

const ROLE_WORDS = {
  viewer: "any member",
  member: "any member",
  approver: "an approver or an admin",
  admin: "an admin",
} as const satisfies Record<Role, string>;

/** `2 of @leads or an admin, not the author`. */
export function termsWords(terms: Pick<Terms, "by" | "quorum" | "authorMayApprove">): string {
  const lists = terms.by.map((list) =>
    list.map((decider) => (decider in ROLE_WORDS ? ROLE_WORDS[decider as Role] : decider)).join(" or "),
  );
  const who = lists.join(", who must also be ");
  const many = terms.quorum > 1 ? `${terms.quorum} people, each ${who}` : who;
  return `${many}${terms.authorMayApprove ? "" : ", not the author"}`;
}
