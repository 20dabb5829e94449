/** The page's scripts, styles and icon, read once. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { Hono } from "hono";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface Assets {
  /** The address of a file; it changes with the files' content, so that it may be kept for ever. */
  readonly path: (name: string) => string;
  readonly routes: Hono;
}

/** @throws when the folder or a file in it cannot be read */
export function loadAssets(folder: string): Assets {
  const version = createHash("sha256");
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of readdirSync(folder).sort()) {
    if (TYPES[extname(name)] === undefined) continue;
    const content = new Uint8Array(readFileSync(join(folder, name)));
    contents.set(name, content);
    version.update(`${name} ${content.length} `).update(content);
  }
  const hash = version.digest("hex").slice(0, 12);
  const routes = new Hono();
  routes.get("/assets/:hash/:name", (c) => {
    const name = c.req.param("name");
    const content = contents.get(name);
    if (!content) return c.text("Not found.\n", 404);
    const cache = c.req.param("hash") === hash ? "public, max-age=31536000, immutable" : "no-cache";
    return c.body(content, 200, { "content-type": TYPES[extname(name)] ?? "", "cache-control": cache });
  });
  return { path: (name) => `/assets/${hash}/${name}`, routes };
}
