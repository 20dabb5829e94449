/** views.*: modals and Home tabs. */
import { complaintsAboutView } from "../blocks/blocks.ts";
import { copyOf, isObject, type Json, objectsOf, textOf } from "../json.ts";
import type { Trigger } from "../links.ts";
import { normalised } from "../message.ts";
import type { State } from "../state.ts";
import { initialState } from "../view-state.ts";
import type { StoredView, Workspace } from "../world.ts";
import { type CallContext, type MethodSpec, Refusal, refusalWith, userOf } from "./method.ts";

/** A person's modals lie at most three deep. */
const DEPTH = 3;

export const views: Readonly<Record<string, MethodSpec>> = {
  "views.open": {
    token: "bot",
    scopes: [],
    args: { view: "view", trigger_id: "text?", interactivity_pointer: "text?" },
    handle: (context) => {
      const view = checkedView(context.args.json("view"), "modal");
      const trigger = triggerOf(context);
      // What a person had open before is replaced.
      for (const each of openModals(context.workspace, trigger.userId)) each.closed = true;
      return shown(context.state, context.workspace, place(context, view, trigger.userId, null));
    },
  },
  "views.push": {
    token: "bot",
    scopes: [],
    args: { view: "view", trigger_id: "text?", interactivity_pointer: "text?" },
    handle: (context) => {
      const view = checkedView(context.args.json("view"), "modal");
      const trigger = triggerOf(context);
      const stack = openModals(context.workspace, trigger.userId);
      const below = stack.at(-1);
      if (!below) throw new Refusal("not_found");
      if (stack.length >= DEPTH) throw new Refusal("push_limit_reached");
      return shown(context.state, context.workspace, place(context, view, trigger.userId, below));
    },
  },
  "views.update": {
    token: "bot",
    scopes: [],
    args: { view: "view", view_id: "text?", external_id: "text?", hash: "text?" },
    handle: (context) => {
      const { state, workspace, args } = context;
      if (args.has("view_id") && args.has("external_id")) {
        throw refusalWith("invalid_arguments", ["Cannot provide both `view_id` and `external_id`"]);
      }
      const stored = args.has("view_id")
        ? workspace.views.get(args.the("view_id"))
        : [...workspace.views.values()].find((each) => each.externalId === args.text("external_id") && !each.closed);
      const view = checkedView(args.json("view"), stored ? textOf(stored.view.type) : "modal");
      if (!stored || stored.closed) throw new Refusal("not_found");
      if (args.has("hash") && args.the("hash") !== stored.hash) throw new Refusal("hash_conflict");
      replaceView(state, stored, view);
      return shown(state, workspace, stored);
    },
  },
  "views.publish": {
    token: "bot",
    scopes: [],
    args: { view: "view", user_id: "text", hash: "text?" },
    handle: (context) => {
      const { state, workspace, args } = context;
      const view = checkedView(args.json("view"), "home");
      if (!state.app.homeTab) throw new Refusal("not_enabled");
      const user = userOf(context, "user_id");
      const stored = workspace.homes.get(user.id);
      if (stored) {
        if (args.has("hash") && args.the("hash") !== stored.hash) throw new Refusal("hash_conflict");
        replaceView(state, stored, view);
        return shown(state, workspace, stored);
      }
      const home = place(context, view, user.id, null);
      workspace.homes.set(user.id, home);
      return shown(state, workspace, home);
    },
  },
};

/** A view that Slack takes. @throws Refusal invalid_arguments with what is wrong, view_too_large */
export function checkedView(value: unknown, type: string): Json {
  if (!isObject(value)) throw refusalWith("invalid_arguments", ["must provide an object [json-pointer:/view]"]);
  const complaints = complaintsAboutView(value);
  if (complaints.length > 0) throw refusalWith("invalid_arguments", complaints);
  if (value.type !== type) {
    throw refusalWith("invalid_arguments", [`must be a ${type} view [json-pointer:/view/type]`]);
  }
  if (JSON.stringify(value).length > 250_000) throw new Refusal("view_too_large");
  return value;
}

function triggerOf({ state, workspace, args }: CallContext): Trigger {
  const id = args.text("trigger_id");
  if (id === null) throw refusalWith("invalid_arguments", ["missing required field: trigger_id"]);
  const trigger = state.links.take(id);
  if (typeof trigger === "string") throw new Refusal(trigger);
  if (trigger.workspace !== workspace) throw new Refusal("invalid_trigger_id");
  return trigger;
}

/** What a person has open, the lowest first. */
export const openModals = (workspace: Workspace, userId: string): StoredView[] =>
  [...workspace.views.values()].filter(
    (each) => each.user === userId && !each.closed && textOf(each.view.type) === "modal",
  );

/** Puts a new view on top of another, or where there was none. */
export function placeView(
  state: State,
  workspace: Workspace,
  view: Json,
  user: string,
  below: StoredView | null,
): StoredView {
  const externalId = textOf(view.external_id) || null;
  const taken = [...workspace.views.values()].some(
    (each) => externalId !== null && each.externalId === externalId && !each.closed,
  );
  if (taken) throw new Refusal("duplicate_external_id");
  const id = state.ids.next("V");
  const stored: StoredView = {
    id,
    view: {},
    hash: "",
    user,
    rootId: below?.rootId ?? id,
    previousId: below?.id ?? null,
    externalId,
    state: {},
    closed: false,
  };
  workspace.views.set(id, stored);
  replaceView(state, stored, view);
  return stored;
}

const place = ({ state, workspace }: CallContext, view: Json, user: string, below: StoredView | null): StoredView =>
  placeView(state, workspace, view, user, below);

/** Changes what a view shows; what was typed stays under the same block and action. */
export function replaceView(state: State, stored: StoredView, view: Json): void {
  const blocks = normalised(objectsOf(view.blocks), () => state.ids.opaque(5)).map(withActionIds(state));
  stored.view = { ...copyOf(view), blocks };
  stored.externalId = textOf(view.external_id) || null;
  stored.hash = `${Math.floor(state.now() / 1000)}.${state.ids.opaque(8)}`;
  stored.state = initialState(blocks, stored.state);
  state.changes.emit("change");
}

const withActionIds =
  (state: State) =>
  (block: Json): Json => {
    for (const element of elementsOf(block)) element.action_id ??= state.ids.opaque(5);
    return block;
  };

/** The interactive elements of a block. */
export function elementsOf(block: Json): Json[] {
  const all = [...objectsOf(block.elements), ...[block.element, block.accessory].filter(isObject)];
  return all.filter((each) => each.type !== "image" && !["plain_text", "mrkdwn"].includes(textOf(each.type)));
}

const shown = (state: State, workspace: Workspace, stored: StoredView): Json => ({
  view: viewOnWire(state, workspace, stored),
});

export function viewOnWire(state: State, workspace: Workspace, stored: StoredView): Json {
  const { view } = stored;
  return {
    id: stored.id,
    team_id: workspace.id,
    type: view.type,
    blocks: copyOf(view.blocks),
    private_metadata: textOf(view.private_metadata),
    callback_id: textOf(view.callback_id),
    state: { values: copyOf(stored.state) },
    hash: stored.hash,
    title: view.title ?? { type: "plain_text", text: "View Title", emoji: true },
    clear_on_close: view.clear_on_close === true,
    notify_on_close: view.notify_on_close === true,
    close: view.close ?? null,
    submit: view.submit ?? null,
    previous_view_id: stored.previousId,
    root_view_id: stored.rootId,
    app_id: state.appId,
    external_id: stored.externalId ?? "",
    app_installed_team_id: workspace.id,
    bot_id: workspace.install.botId,
  };
}
