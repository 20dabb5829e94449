/** The App Home: what waits for me, my workflows, recent runs, and what they cost. Pure. */
import type { types } from "@slack/bolt";
import type { MineView } from "../../orchestrator/index.ts";
import { approvalsCard } from "../cards/approval.ts";
import { costCard } from "../cards/budget.ts";
import { type Card, card } from "../cards/card.ts";
import { runsCard } from "../cards/run.ts";
import { listCard } from "../cards/workflow.ts";
import { renderBlocks } from "./render.ts";
import { type Block, divider, header } from "./render-blocks.ts";

/** Each part has its share of the 100 blocks, so that a long one does not push another out. */
const SHARES = { waits: 36, workflows: 24, runs: 18, cost: 12 } as const;
const JSON_SHARE = 15_000;
/** Ids of buttons do not repeat, whichever part they stand in. */
const BUTTONS = 200;

export function homeView(home: MineView): types.HomeView {
  const parts: readonly (readonly [string, readonly Card[], number])[] = [
    ["What waits for you", waits(home), SHARES.waits],
    ["Your workflows", [listCard(home.workflows)], SHARES.workflows],
    ["Recent runs", [runsCard(home.recent)], SHARES.runs],
    ["Cost this month", [costCard(home.cost)], SHARES.cost],
  ];
  const blocks = parts.flatMap(([title, cards, share], part): Block[] => [
    ...(part === 0 ? [] : [divider]),
    header(title),
    ...cards.flatMap((shown, n) => {
      const context = { showAll: null, surface: "view", firstButton: (2 * part + n) * BUTTONS } as const;
      return renderBlocks(shown, context, Math.floor(share / cards.length), JSON_SHARE).blocks;
    }),
  ]);
  return { type: "home", blocks };
}

function waits({ approvals, waiting }: MineView): readonly Card[] {
  if (approvals.length === 0 && waiting.length === 0) return [card({ state: "done", title: "Nothing waits for you" })];
  return [
    ...(approvals.length === 0 ? [] : [approvalsCard(approvals)]),
    ...(waiting.length === 0 ? [] : [{ ...runsCard(waiting), title: waitingTitle(waiting.length) }]),
  ];
}

const waitingTitle = (count: number): string =>
  count === 1 ? "1 run does not go on by itself" : `${count} runs do not go on by themselves`;
