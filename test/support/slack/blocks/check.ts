/** The small language in which Slack's schemas are written here. It finds what Slack's own finds, in Slack's words. Pure. */
import { isObject, type Json } from "../json.ts";

/** One complaint, as it stands in `response_metadata.messages` behind `[ERROR] `. */
export type Say = (problem: string, pointer: string) => void;
export type Check = (value: unknown, pointer: string, say: Say) => void;

interface Field {
  readonly check: Check;
  readonly required: boolean;
}

export const req = (check: Check): Field => ({ check, required: true });
export const opt = (check: Check): Field => ({ check, required: false });

/** An object with these fields and no others; `type` is looked at by who chose this schema. */
export function object(fields: Readonly<Record<string, Field>>, ...further: readonly Check[]): Check {
  return (value, pointer, say) => {
    if (!isObject(value)) {
      say("must provide an object", pointer);
      return;
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(fields, key)) say(`invalid additional property: ${key}`, pointer);
    }
    for (const [key, { check, required }] of Object.entries(fields)) {
      const field = value[key];
      if (field === undefined || field === null) {
        if (required) say(`missing required field: ${key}`, pointer);
      } else {
        check(field, `${pointer}/${key}`, say);
      }
    }
    for (const check of further) check(value, pointer, say);
  };
}

export function text({ min = 0, max, pattern }: { min?: number; max: number; pattern?: RegExp }): Check {
  return (value, pointer, say) => {
    if (typeof value !== "string") {
      say("must provide a string", pointer);
      return;
    }
    if (value.length < min) say(`must be more than ${min - 1} characters`, pointer);
    if (value.length > max) say(`must be less than ${max + 1} characters`, pointer);
    if (pattern && !pattern.test(value)) say("must match the expected format", pointer);
  };
}

export function list(check: Check, { min = 0, max }: { min?: number; max: number }): Check {
  return (value, pointer, say) => {
    if (!Array.isArray(value)) {
      say("must provide an array", pointer);
      return;
    }
    if (value.length < min) say(`must provide at least ${min} items`, pointer);
    if (value.length > max) say(`no more than ${max} items allowed`, pointer);
    value.forEach((each, index) => {
      check(each, `${pointer}/${index}`, say);
    });
  };
}

export const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value, pointer, say) => {
    if (!allowed.includes(value)) say("must be a valid enum value", pointer);
  };

export const bool: Check = (value, pointer, say) => {
  if (typeof value !== "boolean") say("must provide a boolean", pointer);
};

export const whole =
  (min: number, max: number): Check =>
  (value, pointer, say) => {
    if (typeof value !== "number" || !Number.isInteger(value)) say("must provide an integer", pointer);
    else if (value < min) say(`must be more than ${min - 1}`, pointer);
    else if (value > max) say(`must be less than ${max + 1}`, pointer);
  };

export const anything: Check = () => undefined;

/** Chosen by the object's `type`. */
export function byType(schemas: Readonly<Record<string, Check>>): Check {
  return (value, pointer, say) => {
    if (!isObject(value)) {
      say("must provide an object", pointer);
      return;
    }
    const { type } = value;
    if (type === undefined) say("missing required field: type", pointer);
    else if (typeof type !== "string" || !Object.hasOwn(schemas, type)) {
      say(`unsupported type: ${String(type)}`, `${pointer}/type`);
    } else schemas[type]?.(value, pointer, say);
  };
}

/** Says once more, as Slack does where several schemas were possible, that none of them fitted. */
export function alternatives(check: Check): Check {
  return (value, pointer, say) => {
    const problems: [string, string][] = [];
    check(value, pointer, (problem, at) => problems.push([problem, at]));
    if (problems.length > 0) say("failed to match all allowed schemas", pointer);
    for (const [problem, at] of problems) say(problem, at);
  };
}

/** Ids that must differ. */
export function unique(ids: readonly (readonly [id: unknown, pointer: string])[], name: string, say: Say): void {
  const seen = new Set<unknown>();
  for (const [id, pointer] of ids) {
    if (id === undefined || id === "") continue;
    if (seen.has(id)) say(`\`${name}\` "${String(id)}" already exists`, pointer);
    seen.add(id);
  }
}

/** A check of a whole object, after its fields. */
export const also =
  (look: (value: Json, pointer: string, say: Say) => void): Check =>
  (value, pointer, say) => {
    if (isObject(value)) look(value, pointer, say);
  };
