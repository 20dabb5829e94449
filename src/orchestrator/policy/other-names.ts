/** One channel has several names: `#ops`, `ops`, its id. A rule that forbids or asks holds by each of them. Pure. */
import type { Policy } from "./policy.ts";
import { type Call, isFor, meets, type Rule } from "./rule.ts";

/**
 * @param call as it was made, `channel` being what it calls the channel
 * @returns a rule that forbids or must be asked for, which the call escaped by the name it used; null when there is none
 */
export function ruleByOtherName(
  policy: Policy,
  workflow: { readonly id: string; readonly name: string },
  { tool, input, channel }: { readonly tool: string; readonly input: unknown; readonly channel: string },
  names: readonly string[],
): { readonly rule: Rule; readonly name: string } | null {
  const made: Call = { tool, input, destination: channel };
  const rules = [...policy.file.rules, ...policy.chat].filter(
    (rule): rule is Rule => !("unreadable" in rule) && isFor(rule, workflow),
  );
  const met = rules.flatMap((rule) => {
    if ((rule.effect !== "deny" && rule.effect !== "ask") || meets(rule, made)) return [];
    const name = names.find((other) =>
      meets(rule, { tool, input: { ...(input as object), channel: other }, destination: other }),
    );
    return name === undefined ? [] : [{ rule, name }];
  });
  return met.find(({ rule }) => rule.effect === "deny") ?? met[0] ?? null;
}
