/** What a person types, as Discord's client sends it. Pure. */
import { type Json, objectsOf, textOf } from "../slack/json.ts";
import type { Guild, World } from "./world.ts";

/** Names behind `@` and `#` become tokens, as when the client completes them; `@&` is a role where a person has the name too. */
export function encoded(world: World, guild: Guild | null, text: string): string {
  const byName = (pairs: readonly (readonly [string, string])[], name: string) => {
    const fitting = pairs.filter(([each]) => name.toLowerCase().startsWith(each.toLowerCase()) && each !== "");
    return fitting.sort(([one], [other]) => other.length - one.length)[0];
  };
  const people = [...world.users.values()]
    .filter(({ id }) => guild === null || guild.members.has(id))
    .map(({ id, username }) => [username, `<@${id}>`] as const);
  const roles = [...(guild?.roles.values() ?? [])].map(({ id, name }) => [name, `<@&${id}>`] as const);
  const channels = [...world.channels.values()]
    .filter(({ guildId }) => guildId !== null && guildId === guild?.id)
    .map(({ id, name }) => [name, `<#${id}>`] as const);
  return text.replaceAll(/(?<![\w<])(@&|[@#])([\w][\w-]*)/g, (whole, sign: string, name: string) => {
    const found =
      sign === "@&"
        ? byName(roles, name)
        : sign === "#"
          ? byName(channels, name)
          : (byName(people, name) ?? byName(roles, name));
    return found && found[0].length === name.length ? found[1] : whole;
  });
}

export interface TypedCommand {
  readonly command: Json;
  /** As an interaction tells them. */
  readonly options: Json[];
}

const NESTED: readonly unknown[] = [1, 2];
const NUMBERS: readonly unknown[] = [4, 10];

/**
 * Reads `/claw request:status open-prs`; where a command has a single option its name may be left out.
 * @param focus the option that is being typed, for autocompletion; required ones may be missing then
 * @throws Error when the client would not send it
 */
export function typedCommand(commands: readonly Json[], line: string, focus: string | null = null): TypedCommand {
  const [, name = "", rest = ""] = /^\/(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
  const command = commands.find((each) => each.type === 1 && each.name === name);
  if (!command) throw new Error(`there is no command /${name}`);
  return { command, options: optionsOf(objectsOf(command.options), rest, focus, `/${name}`) };
}

function optionsOf(known: readonly Json[], rest: string, focus: string | null, where: string): Json[] {
  if (known.some((each) => NESTED.includes(each.type))) {
    const [, name = "", more = ""] = /^(\S+)\s*([\s\S]*)$/.exec(rest) ?? [];
    const sub = known.find((each) => each.name === name && NESTED.includes(each.type));
    if (!sub) throw new Error(`${where} has no subcommand "${name}"`);
    return [{ type: sub.type, name, options: optionsOf(objectsOf(sub.options), more, focus, `${where} ${name}`) }];
  }
  const given = valuesIn(known, rest, where);
  const missing = known.find((each) => each.required === true && !given.has(textOf(each.name)));
  if (missing && focus === null) throw new Error(`${where} needs the option "${textOf(missing.name)}"`);
  return known.flatMap((option): Json[] => {
    const name = textOf(option.name);
    const text = given.get(name) ?? (focus === name ? "" : undefined);
    if (text === undefined) return [];
    const value = valueFor(option, text, focus === null);
    return [{ type: option.type, name, value, ...(focus === name && { focused: true }) }];
  });
}

function valuesIn(known: readonly Json[], rest: string, where: string): Map<string, string> {
  const names = known.map((each) => textOf(each.name));
  const marks = [...rest.matchAll(/(?:^|\s)([-\w]+):/g)].filter((each) => names.includes(each[1] ?? ""));
  const values = new Map<string, string>();
  if (marks.length === 0) {
    const [only, another] = known;
    if (rest.trim() === "") return values;
    if (!only || another) throw new Error(`${where} does not take "${rest}"`);
    return values.set(textOf(only.name), rest.trim());
  }
  marks.forEach((mark, index) => {
    const end = marks[index + 1]?.index ?? rest.length;
    values.set(mark[1] ?? "", rest.slice(mark.index + mark[0].length, end).trim());
  });
  return values;
}

function valueFor(option: Json, text: string, whole: boolean): unknown {
  const name = textOf(option.name);
  if (whole && typeof option.max_length === "number" && text.length > option.max_length) {
    throw new Error(`"${name}" takes ${option.max_length} characters at most`);
  }
  if (whole && typeof option.min_length === "number" && text.length < option.min_length) {
    throw new Error(`"${name}" takes ${option.min_length} characters at least`);
  }
  const choices = objectsOf(option.choices);
  const choice = choices.find((each) => each.name === text || each.value === text);
  if (whole && choices.length > 0 && !choice) throw new Error(`"${text}" is none of the choices of "${name}"`);
  if (choice) return choice.value;
  if (whole && NUMBERS.includes(option.type)) return Number(text);
  return option.type === 5 ? text === "true" : text;
}
