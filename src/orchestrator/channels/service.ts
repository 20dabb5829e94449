/** What a run does in channels: found by their names, only where its workflow's owner sees them, under every name a rule has for them. */
import { type ChannelCall, type ChannelDeps, fail, notOurs, ok, type ToolResult } from "../../tools/index.ts";
import { isPassing } from "../db/work.ts";
import { createPoster, type PosterDeps } from "../delivery/post.ts";
import { assertNever } from "../errors.ts";
import { findMember, findWorkspace } from "../members/store.ts";
import type { PolicyBook } from "../policy/book.ts";
import { ruleByOtherName } from "../policy/other-names.ts";
import type { ChannelOutcome, ChannelWork, MarkOutcome, PlatformName } from "../ports.ts";

export interface ChannelsDeps extends PosterDeps {
  readonly policy: PolicyBook;
  /** The platforms that this process can ask, whether or not it listens to them. */
  readonly reach: ReadonlyMap<PlatformName, ChannelWork>;
}

interface Found {
  readonly platform: ChannelWork;
  readonly channelId: string;
  /** As people write it. */
  readonly name: string;
}

export function createChannels(deps: ChannelsDeps): ChannelDeps {
  const post = createPoster(deps);
  const inChannel = async <T>(
    call: ChannelCall,
    work: (found: Found) => Promise<ToolResult<T>>,
  ): Promise<ToolResult<T>> => {
    try {
      const found = await findChannel(deps, call);
      return found.ok ? await work(found.value) : found;
    } catch (error) {
      if (!isPassing(error)) throw error;
      return fail("service_unavailable", "Claw's database did not answer.");
    }
  };
  return {
    post: (call) => inChannel(call, ({ channelId }) => post({ ...call, workspaceId: call.workspaceId, channelId })),
    read: (call) =>
      inChannel(call, async ({ platform, channelId, name }) => {
        const { workspaceId, thread, since, before, limit, signal } = call;
        const query = { workspaceId, channelId, thread, since, before, limit };
        const page = resultOf(await platform.readChannel?.(query, signal));
        if (!page.ok) return page;
        const messages = page.value.messages.map(({ messageId, at, from, text, replies }) => ({
          id: messageId,
          at: new Date(at).toISOString(),
          from,
          text,
          replies,
        }));
        return ok({ channel: name, messages, more: page.value.more });
      }),
    pin: (call) =>
      inChannel(call, async ({ platform, channelId, name }) => {
        if (call.mayLeave?.() === false) return notOurs;
        return marked(name, call.message, await platform.pinMessage?.(placeOf(call, channelId), call.signal));
      }),
    react: (call) =>
      inChannel(call, async ({ platform, channelId, name }) => {
        if (call.mayLeave?.() === false) return notOurs;
        return marked(name, call.message, await platform.reactTo?.(placeOf(call, channelId), call.emoji, call.signal));
      }),
  };
}

const placeOf = ({ workspaceId, message }: ChannelCall & { readonly message: string }, channelId: string) => ({
  workspaceId,
  channelId,
  messageId: message,
});

/** The channel that a call means, if its workflow's owner sees it. What they do not see is told from nothing. */
async function findChannel(deps: ChannelsDeps, call: ChannelCall): Promise<ToolResult<Found>> {
  const { workspaceId, actsFor, channel } = call;
  const workspace = await findWorkspace(deps.db, workspaceId);
  const platform = workspace && deps.reach.get(workspace.platform);
  if (!platform?.channelCalled || !platform.sight) {
    const where = workspace?.platform ?? "that platform";
    return fail(
      "not_permitted",
      `This process cannot ask ${where} about channels: give it the same tokens as the others.`,
    );
  }
  const called = await platform.channelCalled(channel, workspaceId);
  if (called.kind === "unavailable") return fail("service_unavailable", called.why);
  if (called.kind === "unclear") return fail("invalid_input", called.why);
  const owner = (await findMember(deps.db, workspaceId, actsFor.memberId))?.name ?? "its owner";
  const unseen = fail(
    "not_found",
    `There is no channel ${channel} that Claw is in and ${owner} can see, for whom ${actsFor.workflow} acts. Nothing was done.`,
  );
  if (called.kind === "none") return unseen;
  const { channelId } = called;
  const sight = await platform.sight(actsFor.memberId, channelId, workspaceId);
  switch (sight.kind) {
    case "sees":
      break;
    case "hidden":
      return unseen;
    case "cannot_tell":
      return fail(
        sight.passes ? "service_unavailable" : "not_permitted",
        `It cannot be told whether ${owner} can see ${channel}, so nothing was done: ${sight.why}`,
      );
    default:
      return assertNever(sight, "sight");
  }
  const against = await byOtherName(deps, call, called);
  return against ?? ok({ platform, channelId, name: called.name ?? channel });
}

/** A rule holds for a channel by whichever of its names it is called. */
async function byOtherName(
  deps: ChannelsDeps,
  { workspaceId, actsFor, channel, call }: ChannelCall,
  called: { readonly channelId: string; readonly name: string | null },
): Promise<ToolResult<never> | null> {
  const id = called.channelId.slice(workspaceId.length + 1);
  const plain = called.name?.replace(/^#/, "");
  const names = [...(called.name ? [called.name] : []), ...(plain ? [plain] : []), id, `#${id}`];
  const policy = await deps.policy.recent(workspaceId);
  const workflow = { id: actsFor.workflowId, name: actsFor.workflow };
  const found = ruleByOtherName(policy, workflow, { ...call, channel }, names);
  if (!found) return null;
  return found.rule.effect === "deny"
    ? fail("not_permitted", `A rule forbids that in ${called.name ?? channel} (${found.rule.name}).`)
    : fail("invalid_input", `Write the channel as ${found.name}: ${found.rule.name} wants to be asked about it.`);
}

function marked(
  channel: string,
  message: string,
  outcome: MarkOutcome | undefined,
): ToolResult<{ channel: string; message: string; already: boolean }> {
  const result = resultOf(outcome);
  return result.ok ? ok({ channel, message, already: result.value === "already" }) : result;
}

/** Every one of these may be done again, so that what is not certain is tried again. */
function resultOf<T>(outcome: ChannelOutcome<T> | undefined): ToolResult<T> {
  if (!outcome) return fail("not_permitted", "This platform cannot do that.");
  switch (outcome.kind) {
    case "done":
      return ok(outcome.value);
    case "retry":
      return fail(outcome.limited ? "rate_limited" : "service_unavailable", outcome.failure.message, outcome.afterMs);
    case "refused":
      return fail(outcome.gone ? "not_found" : "not_permitted", outcome.failure.message);
    default:
      return assertNever(outcome, "channel outcome");
  }
}
