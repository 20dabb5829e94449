/** The frame of every page. Pure. */
import type { Child } from "hono/jsx";
import type { Assets } from "../assets.ts";
import type { ConsolePerson, ConsoleWorkspace } from "../deps.ts";

/** What every page of a session knows. */
export interface Visit {
  readonly assets: Assets;
  readonly workspace: ConsoleWorkspace;
  readonly people: readonly ConsolePerson[];
  readonly person: ConsolePerson;
  readonly csrf: string;
  /** Path of the page, where a form comes back to. */
  readonly path: string;
}

interface DocumentProps {
  readonly assets: Assets;
  readonly title: string;
  readonly bodyClass: string;
  readonly csrf?: string;
  readonly refreshTo?: string;
  readonly children?: Child;
}

const STYLES = ["frame.css", "chat.css", "card.css", "composer.css", "sheet.css"] as const;
/** What `console.js` imports, told at once so that nothing is loaded one after the other. */
const SCRIPTS = [
  "buttons.js",
  "composer.js",
  "messages.js",
  "sending.js",
  "stream.js",
  "thread.js",
  "times.js",
] as const;

export function Document({ assets, title, bodyClass, csrf, refreshTo, children }: DocumentProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {refreshTo && <meta http-equiv="refresh" content={`0;url=${refreshTo}`} />}
        <title>{title}</title>
        <link rel="icon" href={assets.path("icon.svg")} type="image/svg+xml" />
        {STYLES.map((name) => (
          <link rel="stylesheet" href={assets.path(name)} />
        ))}
        {SCRIPTS.map((name) => (
          <link rel="modulepreload" href={assets.path(name)} />
        ))}
        <script type="module" src={assets.path("console.js")} />
      </head>
      <body class={bodyClass} data-csrf={csrf}>
        {children}
      </body>
    </html>
  );
}

function ActAs({ visit }: { readonly visit: Visit }) {
  return (
    <form method="post" action="/act-as" class="act-as">
      <input type="hidden" name="csrf" value={visit.csrf} />
      <input type="hidden" name="back" value={visit.path} />
      <label>
        <span>Act as</span>
        <select name="member" data-submits="">
          {visit.people.map((person) => (
            <option value={person.memberId} selected={person.memberId === visit.person.memberId}>
              {`${person.name} (${person.role})`}
            </option>
          ))}
        </select>
      </label>
      <noscript>
        <button type="submit" class="button">
          Switch
        </button>
      </noscript>
    </form>
  );
}

const PAGES = [
  { path: "/", name: "Chat", at: (path: string) => path === "/" || path.startsWith("/channels") },
  {
    path: "/workflows",
    name: "Workflows",
    at: (path: string) => path.startsWith("/workflows") || path.startsWith("/runs"),
  },
  { path: "/audit", name: "Audit", at: (path: string) => path.startsWith("/audit") },
] as const;

function Top({ visit }: { readonly visit: Visit }) {
  return (
    <header class="top">
      <a class="brand" href="/">
        <img src={visit.assets.path("icon.svg")} alt="" width="22" height="22" />
        Claw <span class="workspace">{visit.workspace.name}</span>
      </a>
      <nav aria-label="Pages">
        {PAGES.map((page) => (
          <a class="tab" href={page.path} aria-current={page.at(visit.path) ? "page" : undefined}>
            {page.name}
          </a>
        ))}
      </nav>
      <div class="who">
        {visit.workspace.demo ? <ActAs visit={visit} /> : <span>{`${visit.person.name} (${visit.person.role})`}</span>}
        <form method="post" action="/logout">
          <input type="hidden" name="csrf" value={visit.csrf} />
          <button type="submit" class="quiet">
            Sign out
          </button>
        </form>
      </div>
    </header>
  );
}

interface PageProps {
  readonly visit: Visit;
  readonly title: string;
  readonly bodyClass: string;
  readonly children?: Child;
}

export function Page({ visit, title, bodyClass, children }: PageProps) {
  return (
    <Document assets={visit.assets} title={`${title} · Claw`} bodyClass={bodyClass} csrf={visit.csrf}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Top visit={visit} />
      {children}
    </Document>
  );
}

/** A page of its own for one sentence: signed in, wrong key, not found. */
export function Notice({ assets, title, refreshTo, children }: Omit<DocumentProps, "bodyClass" | "csrf">) {
  return (
    <Document assets={assets} title={`${title} · Claw`} bodyClass="notice" {...(refreshTo ? { refreshTo } : {})}>
      <main id="main">
        <img src={assets.path("icon.svg")} alt="" width="40" height="40" />
        <h1>{title}</h1>
        {children}
      </main>
    </Document>
  );
}
