import { describe, expect, test } from "vitest";
import { FINISH, finish, invokeTool, ok, type ToolContract, validateInput } from "../../src/tools/index.ts";
import { toolContext } from "../support/tool-context.ts";

const contract: ToolContract = finish;
async function call(raw: string) {
  const input = validateInput(contract, raw);
  return input.ok ? invokeTool(contract, input.value, toolContext()) : input;
}

describe("finish", () => {
  test("gives the verdict, its text and what is kept for the next run", async () => {
    expect(finish.name).toBe(FINISH);
    expect(await call('{"verdict":"report","text":" Up again. ","notes":"status=up"}')).toEqual(
      ok({ verdict: "report", text: "Up again.", notes: "status=up" }),
    );
  });

  test.each(["", ',"notes":null', ',"notes":" "'])("keeps nothing when there are no notes (%s)", async (notes) => {
    expect(await call(`{"verdict":"nothing_to_report","text":""${notes}}`)).toEqual(
      ok({ verdict: "nothing_to_report", text: "", notes: null }),
    );
  });

  test.each([
    ['{"verdict":"report","text":"  "}', "text: expected what people should read"],
    ['{"verdict":"blocked","text":""}', "text: expected what people should read"],
    ['{"text":"x"}', "verdict: "],
    ['{"verdict":"done","text":"x"}', "verdict: "],
    ['{"verdict":"report","text":"x","status":"ok"}', 'arguments: unknown "status"'],
  ])("refuses %s", async (raw, fault) => {
    expect(await call(raw)).toMatchObject({
      error: { code: "invalid_input", message: expect.stringContaining(`finish cannot be called so. ${fault}`) },
    });
  });
});
