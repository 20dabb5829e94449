/** The way in: one-time keys, the session cookie, acting as another person of the demo, and the way out. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Assets } from "../assets.ts";
import type { ConsoleDeps } from "../deps.ts";
import { cookieName, type Env } from "../guard.ts";
import { LoginPage, type LoginTrouble, SignedInPage } from "../pages/login.tsx";
import type { LoginKeys } from "./keys.ts";
import { SESSION_DAYS, type Sessions } from "./sessions.ts";

type EntryDeps = Pick<ConsoleDeps, "clock" | "log" | "workspace" | "onNewKey"> & {
  readonly assets: Assets;
  readonly keys: LoginKeys;
  readonly sessions: Sessions;
  readonly port: () => number;
  readonly loginUrl: () => string;
};

const COOKIE = { httpOnly: true, sameSite: "Strict", path: "/" } as const;

const isApi = (path: string): boolean => path.startsWith("/api/") || path === "/events";

export function createEntry(deps: EntryDeps) {
  const { sessions, keys, clock, assets } = deps;

  const loginPage = (c: Context, trouble: LoginTrouble, status: 200 | 401 | 429) =>
    c.html(`<!doctype html>${<LoginPage assets={assets} trouble={trouble} />}`, status);

  const signIn = async (c: Context, key: string) => {
    const answer = keys.use(key, clock.now());
    if (answer === "too_many") return loginPage(c, "too_many", 429);
    if (answer === "no") return loginPage(c, "bad_key", 401);
    setCookie(c, cookieName(deps.port()), await sessions.begin(), { ...COOKIE, maxAge: SESSION_DAYS * 86_400 });
    deps.log.info({}, "console sign-in");
    // A page, not a redirect: a browser that comes from elsewhere would not send a strict cookie along with one.
    return c.html(`<!doctype html>${<SignedInPage assets={assets} />}`);
  };

  const outside = new Hono<Env>();
  outside.use("/", async (c, next) => {
    const key = c.req.query("key");
    // HEAD is what link checkers send; it must not use up a key.
    return key !== undefined && c.req.method === "GET" ? signIn(c, key) : next();
  });
  outside.get("/login", (c) => loginPage(c, "no_session", 200));
  outside.post("/login", async (c) => {
    const form = await c.req.parseBody();
    if (typeof form.key === "string" && form.key !== "") return signIn(c, form.key.trim());
    if (!keys.mayShow(clock.now())) return loginPage(c, "shown_already", 429);
    deps.onNewKey(deps.loginUrl());
    return loginPage(c, "shown", 200);
  });

  /** Everything after it has a session. */
  const inside: MiddlewareHandler<Env> = async (c, next) => {
    const session = await sessions.read(getCookie(c, cookieName(deps.port())));
    if (!session) {
      return isApi(c.req.path)
        ? c.json({ status: "invalid", message: "You are signed out. Reload the page." }, 401)
        : loginPage(c, "no_session", 401);
    }
    c.set("session", session);
    return next();
  };

  const leaving = new Hono<Env>();
  leaving.post("/act-as", async (c) => {
    if (!deps.workspace.demo) return c.text("Acting as another person is possible in the demo workspace only.\n", 403);
    const form = await c.req.parseBody();
    const person = typeof form.member === "string" ? sessions.person(form.member) : null;
    if (!person) return c.text("There is no such person.\n", 400);
    await sessions.actAs(c.get("session"), person);
    const back = typeof form.back === "string" && /^\/(?![/\\])[\w\-/.%]*$/.test(form.back) ? form.back : "/";
    return c.redirect(back, 303);
  });
  leaving.post("/logout", async (c) => {
    await sessions.end(c.get("session"));
    deleteCookie(c, cookieName(deps.port()), COOKIE);
    return c.redirect("/login", 303);
  });

  return { outside, inside, leaving };
}
