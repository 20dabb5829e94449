/** A message with a button and a menu, posted by the real client. */
import type { Channel, Person, SeenMessage } from "../support/slack/fake-slack.ts";
import { answer, type WebClient } from "./client.ts";

const plain = (text: string) => ({ type: "plain_text", text });

const BLOCKS = [
  { type: "section", text: { type: "mrkdwn", text: "May I?" } },
  {
    type: "actions",
    block_id: "decide",
    elements: [
      { type: "button", text: plain("Approve & go"), action_id: "approve", value: "a-77", style: "primary" },
      {
        type: "static_select",
        placeholder: plain("How long?"),
        action_id: "long",
        options: [{ text: plain("1 day"), value: "1d" }],
      },
    ],
  },
];

/** @returns it as someone in the channel sees it */
export async function postCard(client: WebClient, reader: Person, channel: Channel): Promise<SeenMessage> {
  await answer(client, "chat.postMessage", { channel: channel.id, text: "May I?", blocks: BLOCKS });
  const seen = reader.sees(channel).at(-1);
  if (!seen) throw new Error("no card");
  return seen;
}
