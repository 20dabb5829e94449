/** Cards and messages as HTML. Everything in them is escaped by the elements they become. Pure. */
import type { Button, Card, CardRow, CardState } from "../cards/card.ts";
import { Instant } from "./instant.tsx";
import { Markdown, Plain } from "./markdown.tsx";
import { CLAW_AUTHOR, type ConsoleMessage } from "./message.ts";
import { channelIdOf, threadPath } from "./places.ts";

const STATES = {
  running: { sign: "●", word: "Running" },
  done: { sign: "✓", word: "Done" },
  failed: { sign: "✕", word: "Failed" },
  paused: { sign: "‖", word: "Paused" },
  asks: { sign: "?", word: "Question" },
} as const satisfies Record<NonNullable<CardState>, { readonly sign: string; readonly word: string }>;

/** The sign for eyes, the word for screen readers. */
function State({ state }: { readonly state: CardState }) {
  if (state === null) return null;
  return (
    <span class={`state state-${state}`}>
      <span aria-hidden="true">{STATES[state].sign}</span>
      <span class="unseen">{STATES[state].word}: </span>
    </span>
  );
}

function CardButton({ button }: { readonly button: Button }) {
  const { input } = button;
  return (
    <button
      type="button"
      class={`button button-${button.style}`}
      data-action={button.action}
      data-value={button.value}
      data-input-label={input?.label}
      data-input-initial={input?.initial}
      data-input-required={input?.required ? "true" : undefined}
      aria-haspopup={input ? "dialog" : undefined}
    >
      {button.label}
      {input && !button.label.endsWith("…") ? "…" : ""}
    </button>
  );
}

function Buttons({ buttons }: { readonly buttons: readonly Button[] }) {
  if (buttons.length === 0) return null;
  return (
    <div class="buttons">
      {buttons.map((button) => (
        <CardButton button={button} />
      ))}
    </div>
  );
}

function Row({ row }: { readonly row: CardRow }) {
  return (
    <li class="row">
      <div class="row-main">
        <State state={row.state} />
        <strong>
          <Plain text={row.title} />
        </strong>
        {row.text && (
          <div class="row-text">
            <Markdown text={row.text} />
          </div>
        )}
      </div>
      <Buttons buttons={row.buttons} />
    </li>
  );
}

/** The sign at its head says added or removed too, so that colour is not needed to read it. */
export function Diff({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <pre class="diff">
      {lines.map((line) => {
        if (line.startsWith("+")) return <ins>{`${line}\n`}</ins>;
        if (line.startsWith("-")) return <del>{`${line}\n`}</del>;
        return <span>{`${line}\n`}</span>;
      })}
    </pre>
  );
}

export function CardView({ card }: { readonly card: Card }) {
  return (
    <div
      class={`card ${card.state === null ? "" : `card-${card.state}`}`}
      data-state={card.state ?? "plain"}
      dir="auto"
    >
      <div class="card-head">
        <p class="card-title">
          <State state={card.state} />
          <Plain text={card.title} />
        </p>
        {card.aside && (
          <p class="card-aside">
            <Plain text={card.aside} />
          </p>
        )}
      </div>
      {card.facts.length > 0 && (
        <dl class="facts">
          {card.facts.map((fact) => (
            <div>
              <dt>{fact.label}</dt>
              <dd>{fact.code ? <code class="whole">{fact.value}</code> : <Plain text={fact.value} />}</dd>
            </div>
          ))}
        </dl>
      )}
      <Diff lines={card.diff} />
      {card.text && (
        <div class="card-text">
          <Markdown text={card.text} />
        </div>
      )}
      {card.rows.length > 0 && (
        <ul class="rows">
          {card.rows.map((row) => (
            <Row row={row} />
          ))}
        </ul>
      )}
      <Buttons buttons={card.buttons} />
      {card.footer && (
        <p class="card-footer">
          <Plain text={card.footer} />
        </p>
      )}
    </div>
  );
}

function Claws() {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <path d="M9 24c-1-7 1-13 5-17 0 6-1 11-1 17m4 0c-1-6 0-11 4-15 0 5 0 10-1 15" />
    </svg>
  );
}

interface MessageProps {
  readonly message: ConsoleMessage;
  readonly channel: string;
  /** In the channel a message links to its thread; in the thread it does not. */
  readonly inThread: boolean;
}

export function MessageView({ message, channel, inThread }: MessageProps) {
  const claw = message.authorId === CLAW_AUTHOR.id;
  // To what one person sees nobody else can reply.
  const aside = message.privateTo !== null && message.replies === 0;
  const replies = message.replies === 0 ? "Reply" : message.replies === 1 ? "1 reply" : `${message.replies} replies`;
  return (
    <article
      class={`message ${claw ? "from-claw" : "from-person"}`}
      data-message-id={message.id}
      data-seq={String(message.seq)}
      data-author={message.authorId}
      // A card that counts its steps would otherwise be read out every second.
      aria-live={message.card?.state === "running" ? "off" : undefined}
      tabindex={-1}
    >
      <header>
        <span class="avatar" aria-hidden="true">
          {claw ? <Claws /> : ([...message.authorName.trim()][0] ?? "?").toUpperCase()}
        </span>
        <span class="author">
          <bdi>{message.authorName}</bdi>
        </span>
        <Instant iso={message.at.toISOString()} style="time" />
        {message.privateTo !== null && <span class="only-you">only you can see this</span>}
        {message.pinnedAt !== null && <span class="pinned">📌 pinned by Claw</span>}
      </header>
      {message.card ? (
        <CardView card={message.card} />
      ) : (
        <div class="words" dir="auto">
          {message.text}
        </div>
      )}
      {message.reactions.length > 0 && (
        <p class="reactions">
          <span class="unseen">Claw reacted with </span>
          {message.reactions.join(" ")}
        </p>
      )}
      {!inThread && message.threadId === null && !aside && (
        <a class="thread-link" href={threadPath(channel, message.id)} data-thread={message.id}>
          {replies}
        </a>
      )}
    </article>
  );
}

/** What a stream sends for a message. */
export function messageChange(message: ConsoleMessage, workspaceId: string, channel: string) {
  const inThread = message.threadId !== null;
  const root = message.threadId?.slice(channelIdOf(workspaceId, channel).length + 1) ?? null;
  const html = (thread: boolean) => String(<MessageView message={message} channel={channel} inThread={thread} />);
  return {
    id: message.id,
    seq: message.seq,
    /** Id of the thread's first message, or null when this is one. */
    root,
    replies: message.replies,
    html: html(inThread),
    /** A first message also stands on top of its own thread. */
    htmlInThread: inThread ? null : html(true),
  };
}
