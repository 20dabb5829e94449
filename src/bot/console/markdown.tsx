/**
 * The markdown that models write, as elements. It builds elements and never markup, so that whatever a text contains is
 * escaped; links go to http and https only. Pure.
 */
import type { Child } from "hono/jsx";
import { assertNever } from "../../orchestrator/index.ts";
import { mapInstants } from "../cards/instants.ts";
import { Instant } from "./instant.tsx";

/** A text with its instant tokens, otherwise as it stands. */
export function Plain({ text }: { readonly text: string }) {
  const parts: Child[] = [];
  mapInstants(
    text,
    (iso, style) => {
      parts.push(<Instant iso={iso} style={style} />);
      return "";
    },
    (plain) => {
      parts.push(plain);
      return "";
    },
  );
  return <>{parts}</>;
}

// Every repetition is bounded: a text of brackets only must not take quadratic time.
const MARK =
  /`([^`\n]{1,500})`|\*\*(\S[^*\n]{0,500})\*\*|__(\S[^_\n]{0,500})__|(?<![\w*])\*([^\s*][^*\n]{0,300})\*(?!\w)|(?<!\w)_([^\s_][^_\n]{0,300})_(?!\w)|\[([^[\]\n]{1,300})\]\((https?:\/\/[^\s()<>]{1,1000})\)|(https?:\/\/[^\s<>"'`|()[\]\\]{1,1000})/g;

function Link({ href, label }: { readonly href: string; readonly label: string }) {
  return (
    <a href={href} rel="noopener noreferrer" target="_blank">
      {label}
    </a>
  );
}

function Inline({ text }: { readonly text: string }) {
  const parts: Child[] = [];
  let at = 0;
  for (const match of text.matchAll(MARK)) {
    const [whole, code, bold, bold2, slant, slant2, label, href, url] = match;
    parts.push(<Plain text={text.slice(at, match.index)} />);
    at = match.index + whole.length;
    if (code !== undefined) parts.push(<code>{code}</code>);
    else if (bold ?? bold2) {
      parts.push(
        <strong>
          <Inline text={bold ?? bold2 ?? ""} />
        </strong>,
      );
    } else if (slant ?? slant2) {
      parts.push(
        <em>
          <Inline text={slant ?? slant2 ?? ""} />
        </em>,
      );
    } else if (href !== undefined) parts.push(<Link href={href} label={label ?? href} />);
    else if (url !== undefined) {
      // A full stop after a URL ends the sentence, not the URL.
      const end = url.replace(/[.,;:!?]+$/, "");
      parts.push(<Link href={end} label={end} />, url.slice(end.length));
    }
  }
  parts.push(<Plain text={text.slice(at)} />);
  return <>{parts}</>;
}

function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <>
      {lines.map((line, i) => (
        <>
          {i > 0 && <br />}
          <Inline text={line} />
        </>
      ))}
    </>
  );
}

const FENCE = /^\s{0,3}(```|~~~)/;
const BULLET = /^\s{0,8}[-*•]\s+(.*)$/;
const NUMBER = /^\s{0,8}(\d{1,9})[.)]\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;
const QUOTE = /^>\s?(.*)$/;
const TABLE = /^\s*\|.*\|\s*$/;

type BlockKind = "bullets" | "numbers" | "quote" | "table" | "paragraph" | "heading" | "code";

interface Block {
  readonly kind: BlockKind;
  readonly lines: string[];
}

function kindOf(line: string): BlockKind {
  if (HEADING.test(line)) return "heading";
  if (BULLET.test(line)) return "bullets";
  if (NUMBER.test(line)) return "numbers";
  if (QUOTE.test(line)) return "quote";
  if (TABLE.test(line)) return "table";
  return "paragraph";
}

/** Lines that belong together. A fence that is never closed holds the rest of the text. */
function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let joins: BlockKind | null = null;
  for (const line of text.split("\n")) {
    const last = blocks.at(-1);
    if (FENCE.test(line)) {
      if (joins !== "code") blocks.push({ kind: "code", lines: [] });
      joins = joins === "code" ? null : "code";
    } else if (joins === "code") {
      last?.lines.push(line);
    } else if (line.trim() === "") {
      joins = null;
    } else {
      const kind = kindOf(line);
      if (last && kind === joins && kind !== "heading") last.lines.push(line);
      else blocks.push({ kind, lines: [line] });
      joins = kind;
    }
  }
  return blocks;
}

function BlockView({ block }: { readonly block: Block }) {
  const { kind, lines } = block;
  switch (kind) {
    case "bullets":
      return (
        <ul>
          {lines.map((line) => (
            <li>
              <Inline text={BULLET.exec(line)?.[1] ?? line} />
            </li>
          ))}
        </ul>
      );
    case "numbers":
      return (
        <ol start={Number(NUMBER.exec(lines[0] ?? "")?.[1] ?? 1)}>
          {lines.map((line) => (
            <li>
              <Inline text={NUMBER.exec(line)?.[2] ?? line} />
            </li>
          ))}
        </ol>
      );
    case "quote":
      return (
        <blockquote>
          <Lines lines={lines.map((line) => QUOTE.exec(line)?.[1] ?? line)} />
        </blockquote>
      );
    case "heading":
      return (
        <p class="heading">
          <Inline text={HEADING.exec(lines[0] ?? "")?.[1] ?? ""} />
        </p>
      );
    case "table":
    case "code":
      return <pre>{lines.join("\n")}</pre>;
    case "paragraph":
      return (
        <p>
          <Lines lines={lines} />
        </p>
      );
    default:
      return assertNever(kind, "block");
  }
}

/** A card's text. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <>
      {blocksOf(text).map((block) => (
        <BlockView block={block} />
      ))}
    </>
  );
}
