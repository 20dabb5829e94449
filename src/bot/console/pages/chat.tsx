/** Channels, messages, a thread, and where to type. Pure. */

import type { ConsoleMessage } from "../message.ts";
import { channelPath, threadPath } from "../places.ts";
import { MessageView } from "../render.tsx";
import { Page, type Visit } from "./layout.tsx";

export interface ChatProps {
  readonly visit: Visit;
  readonly channels: readonly string[];
  readonly channel: string;
  readonly messages: readonly ConsoleMessage[];
  /** `before` of the page with older messages, or null. */
  readonly older: number | null;
  /** It shows the newest messages and follows what comes; an older page stands still. */
  readonly live: boolean;
  /** What it has seen: the version to follow from. */
  readonly version: number;
  readonly thread: {
    readonly root: ConsoleMessage;
    readonly replies: readonly ConsoleMessage[];
    readonly older: number | null;
  } | null;
}

interface ComposerProps {
  readonly channel: string;
  readonly thread: string | null;
}

function Composer({ channel, thread }: ComposerProps) {
  const id = thread === null ? "composer" : "thread-composer";
  const label = thread === null ? `Message #${channel}` : "Reply in this thread";
  return (
    <form class="composer" data-channel={channel} data-thread={thread ?? undefined} aria-label={label}>
      <div class="completions" id={`${id}-completions`} role="listbox" aria-label="Commands" tabindex={-1} hidden />
      <div class="composer-row">
        <textarea
          id={id}
          name="text"
          rows={1}
          aria-label={label}
          placeholder={thread === null ? `Message #${channel}, or type /claw help` : "Reply, or @claw status"}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded="false"
          aria-controls={`${id}-completions`}
          autocomplete="off"
        />
        <button type="submit" class="button button-primary">
          Send
        </button>
      </div>
      <p class="composer-note" role="alert" />
    </form>
  );
}

function Empty({ channel }: { readonly channel: string }) {
  return (
    <div class="empty">
      <p class="empty-title">{`Nothing in #${channel} yet.`}</p>
      <p>Tell Claw what to do and when:</p>
      <ul>
        <li>
          <code>/claw every weekday at 9 remind us to water the plants</code>
        </li>
        <li>
          <code>/claw every 5 minutes check https://example.com and tell me when it changes</code>
        </li>
        <li>
          <code>/claw help</code>
        </li>
      </ul>
    </div>
  );
}

/** The thread beside the channel; the page's script fetches it by its own path too. */
export function Thread({ channel, thread }: { readonly channel: string; readonly thread: ChatProps["thread"] }) {
  if (!thread) return <aside id="thread" class="thread" aria-label="Thread" hidden />;
  const { root, replies, older } = thread;
  return (
    <aside id="thread" class="thread" aria-label="Thread" data-thread={root.id}>
      <header class="pane-head">
        <h2>Thread</h2>
        <a href={channelPath(channel)} class="close" data-closes-thread="" aria-label="Close the thread">
          ✕
        </a>
      </header>
      <div class="scroll">
        <div class="log root" data-log="root">
          <MessageView message={root} channel={channel} inThread={true} />
        </div>
        {older !== null && (
          <a class="older" href={`${threadPath(channel, root.id)}?before=${older}`}>
            Earlier replies
          </a>
        )}
        <div class="log" role="log" aria-live="polite" aria-label="Replies" data-log="thread" data-thread={root.id}>
          {replies.map((message) => (
            <MessageView message={message} channel={channel} inThread={true} />
          ))}
        </div>
      </div>
      <Composer channel={channel} thread={root.id} />
    </aside>
  );
}

export function ChatPage(props: ChatProps) {
  const { visit, channels, channel, messages, older, live, version, thread } = props;
  return (
    <Page visit={visit} title={`#${channel}`} bodyClass="chat">
      <div class="panes" data-channel={channel} data-version={String(version)} data-live={live ? "true" : "false"}>
        <nav class="channels" aria-label="Channels">
          <h2>Channels</h2>
          {channels.map((name) => (
            <a class="tab" href={channelPath(name)} aria-current={name === channel ? "page" : undefined}>
              <span aria-hidden="true"># </span>
              {name}
            </a>
          ))}
        </nav>
        <main id="main" class="channel">
          <header class="pane-head">
            <h1>
              <span aria-hidden="true"># </span>
              {channel}
            </h1>
            <p class="connection" role="status" />
          </header>
          <div class="scroll">
            {older !== null && (
              <a class="older" href={`${channelPath(channel)}?before=${older}`}>
                Earlier messages
              </a>
            )}
            {messages.length === 0 && live && <Empty channel={channel} />}
            <div class="log" role="log" aria-live="polite" aria-label={`Messages in #${channel}`} data-log="channel">
              {messages.map((message) => (
                <MessageView message={message} channel={channel} inThread={false} />
              ))}
            </div>
            {!live && (
              <a class="older" href={channelPath(channel)}>
                Back to the newest messages
              </a>
            )}
          </div>
          <Composer channel={channel} thread={null} />
        </main>
        <Thread channel={channel} thread={thread} />
      </div>
      <dialog id="ask" aria-labelledby="ask-title">
        <form method="dialog" class="ask">
          <h2 id="ask-title">Your answer</h2>
          <label class="ask">
            <span class="ask-label" />
            <textarea name="text" rows={3} />
          </label>
          <div class="buttons">
            <button type="submit" value="send" class="button button-primary">
              Send
            </button>
            <button type="button" class="button" data-closes-dialog="">
              Cancel
            </button>
          </div>
        </form>
      </dialog>
    </Page>
  );
}
