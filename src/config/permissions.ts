/** What `claw.config.yaml` says about permissions: which calls are allowed, asked for or forbidden, and by whom. Pure. */
import { z } from "zod";
import { Decider, type SomeTerms } from "../orchestrator/policy/decider.ts";
import { MAX_PATTERN } from "../orchestrator/policy/pattern.ts";
import { DEFAULT_FILE_POLICY, type FilePolicy } from "../orchestrator/policy/policy.ts";
import type { Rule, RuleEffect } from "../orchestrator/policy/rule.ts";
import { duration, whole } from "./units.ts";

const SECTION = "must be a section of keys";
const WHO = "must be viewer, member, approver, admin, or a name such as @platform-leads";
const TOOL = "must be a tool's name, with * for any letters, such as http_get or github_*";
const PLACE = "must be a place such as api.example.com, *.example.com or #ops";
const PATTERN = `must be a text of 1 to ${MAX_PATTERN} characters, with * for any letters`;
const CHANNEL = "must be a channel such as #oncall";
const LIMIT = "must be a duration such as 30s, 5 min or 72h";

const one = <T extends z.ZodType>(item: T, what: string) =>
  z
    .union([z.array(item).min(1), item], { error: what })
    .transform((value) => (Array.isArray(value) ? value : [value]) as z.output<T>[]);
const pattern = (what: string) => z.string({ error: what }).trim().min(1, what).max(MAX_PATTERN, what);
const who = z.string({ error: WHO }).transform((text, context): Decider => {
  const read = Decider.safeParse(text.trim());
  if (read.success) return read.data;
  context.addIssue({ code: "custom", message: WHO });
  return z.NEVER;
});

const terms = {
  by: one(who, `${WHO}, or a list of them`).optional(),
  quorum: whole(1, 20).optional(),
  authorMayApprove: z.boolean({ error: "must be true or false" }).optional(),
  waitTimer: duration(LIMIT, 0).optional(),
  expiry: duration(LIMIT, 60_000).optional(),
  escalateTo: pattern(CHANNEL).optional(),
};

const rule = z
  .strictObject(
    {
      allow: pattern(TOOL).optional(),
      ask: pattern(TOOL).optional(),
      deny: pattern(TOOL).optional(),
      sendTo: one(pattern(PLACE), PLACE).optional(),
      to: one(pattern(PLACE), PLACE).optional(),
      with: z.record(z.string(), pattern(PATTERN), { error: "must be a section of arguments" }).optional(),
      workflow: pattern("must be a workflow's name, with * for any letters").optional(),
      ...terms,
    },
    { error: "must be a rule: { deny: http_request, to: [internal.example.com] }" },
  )
  .check((context) => {
    const { value } = context;
    const kinds = (["allow", "ask", "deny", "sendTo"] as const).filter((kind) => value[kind] !== undefined);
    const wrong = (message: string) => context.issues.push({ code: "custom", message, input: value });
    if (kinds.length !== 1) {
      wrong("must say one of allow, ask, deny (a tool) or sendTo (places)");
      return;
    }
    const says = Object.keys(terms).filter((key) => value[key as keyof typeof value] !== undefined);
    if (kinds[0] !== "ask" && says.length > 0) wrong(`says ${says[0]}, which only a rule with ask can`);
    if (kinds[0] === "sendTo" && (value.to || value.with)) wrong("says sendTo, which takes no to and no with");
  });

/** The section `permissions`. */
export const Permissions = z
  .strictObject(
    {
      default: z.enum(["listed", "deny"], { error: "must be one of listed, deny" }).optional(),
      rules: z.array(rule, { error: "must be a list of rules" }).max(500).optional(),
      approvals: z.strictObject(terms, { error: SECTION }).optional(),
      limits: z
        .strictObject(
          { callsPerTool: whole(1, 10_000).optional(), writesPerHour: whole(0, 100_000).optional() },
          { error: SECTION },
        )
        .optional(),
    },
    { error: SECTION },
  )
  .optional();
type Permissions = z.infer<typeof Permissions>;
type FileTerms = NonNullable<NonNullable<Permissions>["approvals"]>;

export function filePolicyOf(said: Permissions): FilePolicy {
  return {
    fallback: said?.default ?? DEFAULT_FILE_POLICY.fallback,
    approvals: termsOf(said?.approvals ?? {}),
    limits: {
      callsPerTool: said?.limits?.callsPerTool ?? DEFAULT_FILE_POLICY.limits.callsPerTool,
      writesPerHour: said?.limits?.writesPerHour ?? DEFAULT_FILE_POLICY.limits.writesPerHour,
    },
    rules: (said?.rules ?? []).map((each, at): Rule => {
      const effect: RuleEffect =
        each.allow !== undefined ? "allow" : each.ask !== undefined ? "ask" : each.deny !== undefined ? "deny" : "send";
      return {
        name: `permissions.rules[${at}] of claw.config.yaml`,
        level: "file",
        workflow: each.workflow ?? null,
        workflowId: null,
        effect,
        tool: each.allow ?? each.ask ?? each.deny ?? "*",
        to: each.sendTo ?? each.to ?? null,
        with: each.with ?? {},
        terms: termsOf(each),
      };
    }),
  };
}

const termsOf = (said: FileTerms): SomeTerms & Rule["terms"] => ({
  ...(said.by === undefined ? {} : { by: [...said.by] }),
  ...(said.quorum === undefined ? {} : { quorum: said.quorum }),
  ...(said.authorMayApprove === undefined ? {} : { authorMayApprove: said.authorMayApprove }),
  ...(said.waitTimer === undefined ? {} : { waitMs: said.waitTimer }),
  ...(said.expiry === undefined ? {} : { expiryMs: said.expiry }),
  ...(said.escalateTo === undefined ? {} : { escalateTo: said.escalateTo }),
});

/** Whether it matters who is in which user group. */
export const namesGroups = ({ approvals, rules }: FilePolicy): boolean =>
  [approvals, ...rules.map((each) => each.terms)].some(({ by = [] }) => by.some((decider) => decider.startsWith("@")));

/** Tools a rule names that there are not: a slip there would forbid nothing. */
export function unknownRuleTools(
  file: FilePolicy,
  tools: readonly string[],
  fits: (pattern: string, text: string) => boolean,
): readonly { readonly key: string; readonly tool: string }[] {
  return file.rules.flatMap(({ effect, tool, name }) =>
    effect !== "send" && !tools.some((known) => fits(tool, known))
      ? [{ key: `${name.replace(/ of .*$/, "")}.${effect}`, tool }]
      : [],
  );
}
