import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTool, inputSchema, ok, type ToolContract } from "../../src/tools/index.ts";

const sound: ToolContract<{ id: string }, { done: boolean }> = {
  name: "close_issue",
  description: "Closes one issue.",
  input: z.object({ id: z.string() }),
  output: z.object({ done: z.boolean() }),
  effect: "write",
  egress: "fixed",
  retry: "idempotent",
  timeoutMs: 1_000,
  outputTrust: "trusted",
  preview: ({ id }) => ({ action: `close issue ${id}`, diff: [], target: null }),
  execute: async () => ok({ done: true }),
};
const { preview: _, ...withoutPreview } = sound;

describe("a contract", () => {
  test.each<[string, ToolContract, RegExp]>([
    ["a name that endpoints refuse", { ...sound, name: "Close Issue" }, /name "Close Issue" must match/],
    ["no description", { ...sound, description: " " }, /description is empty/],
    ["a description that is too long", { ...sound, description: "x".repeat(1_025) }, /description is over 1024/],
    ["no time limit", { ...sound, timeoutMs: Number.NaN }, /timeoutMs must be positive/],
    ["a write without a preview", withoutPreview, /effect write needs a preview/],
    ["a write that may be repeated at will", { ...sound, retry: "safe" }, /only a read may be retry: safe/],
    ["a destination nobody can tell", { ...sound, egress: "by_argument" }, /needs destination/],
    ["an input that is a list", { ...sound, input: z.array(z.string()) }, /input must be an object/],
    [
      "an input that is one of several objects",
      { ...sound, input: z.union([z.strictObject({ a: z.string() }), z.strictObject({ b: z.string() })]) },
      /input must be an object; input must be a plain object, not anyOf/,
    ],
    [
      "an input with no JSON form",
      { ...sound, input: z.object({ at: z.date() }) },
      /does not convert to a JSON schema/,
    ],
    ["an output with no JSON form", { ...sound, output: z.object({ at: z.date() }) }, /output does not convert/],
    [
      "an inner object that drops keys without a word",
      { ...sound, input: z.object({ to: z.object({ name: z.string() }) }) },
      /input\.properties\.to is an open object/,
    ],
  ])("with %s is refused", (_what, contract, message) => {
    expect(() => defineTool(contract)).toThrow(message);
  });

  test("names all that is wrong at once", () => {
    expect(() => defineTool({ ...withoutPreview, description: "", timeoutMs: 0 })).toThrow(
      "tool close_issue: description is empty; timeoutMs must be positive; effect write needs a preview",
    );
  });

  test("shows a model a closed object without words that endpoints refuse", () => {
    const tool = defineTool({
      ...sound,
      input: z.object({ id: z.string(), count: z.int(), labels: z.record(z.string(), z.string()).optional() }),
    });
    expect(inputSchema(tool)).toEqual({
      type: "object",
      properties: {
        id: { type: "string" },
        count: { type: "integer" },
        labels: { type: "object", additionalProperties: { type: "string" } },
      },
      required: ["id", "count"],
      additionalProperties: false,
    });
  });
});
