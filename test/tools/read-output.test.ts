import { describe, expect, test } from "vitest";
import { invokeTool, readOutput, validateInput } from "../../src/tools/index.ts";
import { toolContext } from "../support/tool-context.ts";

const WHOLE = `${"a".repeat(9_000)}Needle${"b".repeat(9_000)}needle`;
const output = (step: string) => (step === "2.1" ? WHOLE : null);

async function read(args: object) {
  const input = validateInput(readOutput, JSON.stringify(args));
  return input.ok ? invokeTool(readOutput, input.value, toolContext({ output })) : input;
}

describe("read_output", () => {
  test("reads a result to its end, page by page", async () => {
    let text = "";
    let from: number | null = 0;
    for (let pages = 0; from !== null && pages < 10; pages += 1) {
      const page = (await read({ step: "2.1", from })) as { value: { text: string; next: number | null } };
      text += page.value.text;
      from = page.value.next;
    }
    expect(text).toBe(WHOLE);
    expect(await read({ step: "2.1", from: 1_000_000 })).toMatchObject({ value: { text: "", next: null } });
  });

  test("finds a text, whatever its case, with what stands around it", async () => {
    expect(await read({ step: "2.1", find: "needle" })).toMatchObject({
      ok: true,
      value: {
        characters: WHOLE.length,
        found: [
          { at: 9_000, text: expect.stringMatching(/a{200}Needleb{200}/) },
          { at: 18_006, text: expect.stringMatching(/needle$/) },
        ],
      },
    });
    expect(await read({ step: "2.1", find: "needle", from: 9_001 })).toMatchObject({ value: { found: { length: 1 } } });
  });

  test("says what is not there", async () => {
    expect(await read({ step: "3.1" })).toMatchObject({ error: { code: "not_found" } });
    expect(await read({ step: "../1" })).toMatchObject({ error: { code: "invalid_input" } });
  });
});
