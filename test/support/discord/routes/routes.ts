/** Which endpoint a request is for. */
import { APPLICATION_ROUTES } from "./application.ts";
import { CHANNEL_ROUTES } from "./channels.ts";
import { GUILD_ROUTES } from "./guilds.ts";
import { INTERACTION_ROUTES } from "./interactions.ts";
import { MESSAGE_ROUTES } from "./messages.ts";
import type { Route } from "./route.ts";

/** Not imported by its name, because the types beside it are written for bundlers and do not compile here. */
const DESCRIPTION: string = "discord-api-spec";

/** The paths of the description by method, in lower case. */
const { pathsList } = (await import(DESCRIPTION)) as {
  readonly pathsList: Readonly<Record<string, readonly string[]>>;
};

const ROUTES: readonly (Route & { readonly pattern: RegExp })[] = [
  ...APPLICATION_ROUTES,
  ...CHANNEL_ROUTES,
  ...GUILD_ROUTES,
  ...INTERACTION_ROUTES,
  ...MESSAGE_ROUTES,
]
  .map((route) => ({ ...route, pattern: patternOf(route.path) }))
  // `/users/@me` before `/users/{user_id}`.
  .sort((one, other) => one.path.split("{").length - other.path.split("{").length);

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
}

export interface FoundRoute {
  readonly route: Route | null;
  readonly params: Readonly<Record<string, string>>;
  /** The path is one of Discord's, for another method. */
  readonly otherMethod: boolean;
  /** Discord has it, this fake has not. */
  readonly described: boolean;
}

export function routeFor(method: string, path: string): FoundRoute {
  const fitting = ROUTES.flatMap((route) => {
    const match = route.pattern.exec(path);
    if (!match) return [];
    // The real client escapes `@original`.
    const params = Object.entries({ ...match.groups }).map(([key, value]) => [key, decoded(value)]);
    return [{ route, params: Object.fromEntries(params) as Record<string, string> }];
  });
  const found = fitting.find(({ route }) => route.method === method);
  if (found) return { ...found, otherMethod: false, described: true };
  const paths = pathsList[method.toLowerCase()] ?? [];
  const described = paths.some((each) => patternOf(each).test(path));
  return { route: null, params: {}, otherMethod: fitting.length > 0, described };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
