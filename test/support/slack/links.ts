/** What an interaction leaves behind: a trigger that opens one view for 3 s, and a URL that answers for half an hour. */
import type { Ids } from "./ids.ts";
import type { Settings } from "./state.ts";
import type { Channel, Message, Workspace } from "./world.ts";

export interface Trigger {
  readonly id: string;
  readonly workspace: Workspace;
  readonly userId: string;
  readonly issuedAt: number;
  /** The view it came from; null when it came from a message or a command. */
  readonly viewId: string | null;
  used: boolean;
  expired: boolean;
}

export interface ResponseUrl {
  readonly id: string;
  readonly workspace: Workspace;
  readonly channel: Channel;
  readonly userId: string;
  /** The message that was pressed; null of a command. */
  readonly message: Message | null;
  readonly issuedAt: number;
  uses: number;
}

export class Links {
  private readonly triggers = new Map<string, Trigger>();
  private readonly urls = new Map<string, ResponseUrl>();

  constructor(
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly now: () => number,
  ) {}

  trigger(workspace: Workspace, userId: string, viewId: string | null = null): string {
    const id = `${this.ids.opaque(12)}.${this.ids.opaque(12)}.${this.ids.opaque(32)}`;
    this.triggers.set(id, { id, workspace, userId, viewId, issuedAt: this.now(), used: false, expired: false });
    return id;
  }

  /** Uses a trigger up. @returns the error's code when it cannot be */
  take(id: string): Trigger | "invalid_trigger_id" | "exchanged_trigger_id" | "expired_trigger_id" {
    const trigger = this.triggers.get(id);
    if (!trigger) return "invalid_trigger_id";
    if (trigger.used) return "exchanged_trigger_id";
    if (trigger.expired || this.now() - trigger.issuedAt > this.settings.triggerLifeMs) return "expired_trigger_id";
    trigger.used = true;
    return trigger;
  }

  /** As if 3 s had passed since the last interaction. */
  expireTriggers(): void {
    for (const trigger of this.triggers.values()) trigger.expired = true;
  }

  responseUrl(parts: Omit<ResponseUrl, "id" | "issuedAt" | "uses">): ResponseUrl {
    const url: ResponseUrl = { ...parts, id: this.ids.opaque(24), issuedAt: this.now(), uses: 0 };
    this.urls.set(url.id, url);
    return url;
  }

  /** Counts a use. @returns the error's code when there is none left */
  use(id: string): ResponseUrl | "invalid_url" | "expired_url" | "used_url" {
    const url = this.urls.get(id);
    if (!url) return "invalid_url";
    if (this.now() - url.issuedAt > this.settings.responseUrlLifeMs) return "expired_url";
    if (url.uses >= 5) return "used_url";
    url.uses += 1;
    return url;
  }
}
