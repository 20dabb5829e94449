/** A thread comes to be. */
import type { Json } from "../../slack/json.ts";
import type { State } from "../state.ts";
import type { Channel } from "../world.ts";

export interface ThreadParts {
  /** Of the message it starts from, which it shares; a new one when left out. */
  readonly id?: string;
  readonly type: number;
  readonly ownerId: string;
  readonly body: Json;
}

export function addThread(state: State, parent: Channel, { id, type, ownerId, body }: ThreadParts): Channel {
  const now = state.now();
  return state.world.addChannel({
    ...(id !== undefined && { id }),
    type,
    guildId: parent.guildId,
    name: String(body.name),
    thread: {
      parentId: parent.id,
      ownerId,
      archived: false,
      locked: false,
      autoArchive: typeof body.auto_archive_duration === "number" ? body.auto_archive_duration : 4320,
      archivedAt: now,
      createdAt: now,
      invitable: body.invitable !== false,
      members: new Set([ownerId]),
      tags: [],
      totalSent: 0,
    },
  });
}
