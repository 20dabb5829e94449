/** The commands that Discord shows people: registered when they are not as they should be. */
import { Routes } from "discord.js";
import { z } from "zod";
import type { CallFailure } from "./failures.ts";
import { ABOUT_NAME, SLASH_NAME } from "./normalize.ts";
import { COMMAND } from "./payloads.ts";
import { PERMISSIONS } from "./permissions.ts";
import type { Web } from "./web.ts";

/** Numbers of contexts: in a server, and in the conversation with Claw. */
const CONTEXTS = [0, 1];
/** Whoever may not write in a server has nothing to say to Claw there; admins may change that in the server's settings. */
const MEMBERS = String(PERMISSIONS.sendMessages);
const LINE = 6_000;

export const COMMANDS = [
  {
    type: COMMAND.slash,
    name: SLASH_NAME,
    description: "What to do and when, or a command such as status, list, help",
    default_member_permissions: MEMBERS,
    contexts: CONTEXTS,
    integration_types: [0],
    options: [
      {
        type: 3,
        name: "request",
        description: "For example: every weekday at 9 summarise https://example.com/news",
        required: true,
        autocomplete: true,
        max_length: LINE,
      },
    ],
  },
  {
    type: COMMAND.message,
    name: ABOUT_NAME,
    default_member_permissions: MEMBERS,
    contexts: [0],
    integration_types: [0],
  },
] as const;

const Known = z.array(
  z.object({
    type: z.number().default(1),
    name: z.string(),
    description: z.string().default(""),
    default_member_permissions: z.string().nullish(),
    contexts: z.array(z.number()).nullish(),
    options: z
      .array(
        z.object({
          type: z.number(),
          name: z.string(),
          description: z.string(),
          required: z.boolean().default(false),
          autocomplete: z.boolean().default(false),
          max_length: z.number().nullish(),
        }),
      )
      .default([]),
  }),
);

/** What counts, in one form: Discord adds to a command and leaves out what is as usual. */
function fingerprint(commands: unknown): string | null {
  const known = Known.safeParse(commands).data;
  if (!known) return null;
  const shown = known.map((command) => ({ ...command, contexts: [...(command.contexts ?? [])].sort() }));
  return JSON.stringify(shown.sort((one, other) => one.type - other.type || one.name.localeCompare(other.name)));
}

/** @returns whether they had to be changed, or why that was not possible. Doing it again does no harm. */
export async function registerCommands(web: Web, app: string): Promise<"changed" | "same" | CallFailure> {
  const route = Routes.applicationCommands(app);
  const known = await web.call("get", route);
  if (!known.ok) return known.failure;
  if (fingerprint(known.value) === fingerprint(COMMANDS)) return "same";
  const put = await web.call("put", route, { body: COMMANDS });
  return put.ok ? "changed" : put.failure;
}
