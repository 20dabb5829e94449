/** Who may use a tool, as the policy has it, in a few words. Pure. */
import { fits } from "../policy/pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { type Rule, ruleWords } from "../policy/rule.ts";

/** What holds where no rule says anything else. */
export const EVERY_WORKFLOW = "every workflow that lists it";

/** What every rule about it says, strictest first: those that forbid it or cannot be read, then conditions. */
export function whoMayUse(tool: string, { file, chat }: Policy): string {
  const broken = chat.find((rule) => "unreadable" in rule && rule.workflowId === null);
  if (broken) return `nobody: ${broken.name} cannot be read, and so forbids everything`;
  const rules = [...file.rules, ...chat].filter(
    (rule): rule is Rule => !("unreadable" in rule) && rule.effect !== "send" && fits(rule.tool, tool),
  );
  const never = rules.find((rule) => rule.effect === "deny" && isForAll(rule) && isAlways(rule));
  if (never) return `nobody: it ${ruleWords(never)} (${never.name})`;
  const allowed = rules.filter((rule) => rule.level === "file" && rule.effect !== "deny");
  if (file.fallback === "deny" && allowed.length === 0)
    return "nobody: permissions.default is deny, and no rule allows it";
  const said = rules.map((rule) => `${ruleWords(rule)} (${rule.name})`);
  return said.length === 0 ? EVERY_WORKFLOW : `${EVERY_WORKFLOW}, and it ${said.join("; ")}`;
}

const isForAll = ({ workflow, workflowId }: Rule): boolean =>
  (workflow === null || workflow === "*") && workflowId === null;
const isAlways = (rule: Rule): boolean => rule.to === null && Object.keys(rule.with).length === 0;
