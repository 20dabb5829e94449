/** A Chromium for the browser tests: whatever the machine has, driven by playwright-core. */
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
] as const;

const runs = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** @throws when the machine has none; the message says how to get one */
export function chromiumPath(): string {
  const told = process.env.CHROMIUM_PATH;
  if (told !== undefined && told !== "") {
    if (runs(told)) return told;
    throw new Error(`CHROMIUM_PATH is ${told}, which is not a program.`);
  }
  const found = PLACES.find(runs);
  if (found !== undefined) return found;
  throw new Error("The browser tests need a Chromium: install the package chromium, or set CHROMIUM_PATH to its path.");
}

/** Nothing but the page under test may reach for the network, and root in a container may run it. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--metrics-recording-only",
] as const;

export interface Browser {
  /** A person's browser: its own cookies and storage. */
  readonly context: BrowserContext;
  /** Closes it and removes what it kept. */
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly colorScheme?: "light" | "dark";
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly timezoneId?: string;
}

/** Starts a browser with a new user-data-dir. */
export async function openBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), "claw-chromium-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: chromiumPath(),
    headless: true,
    args: [...ARGUMENTS],
    colorScheme: options.colorScheme ?? "light",
    viewport: options.viewport ?? { width: 1280, height: 800 },
    timezoneId: options.timezoneId ?? "Europe/Paris",
    locale: "en-GB",
  });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
