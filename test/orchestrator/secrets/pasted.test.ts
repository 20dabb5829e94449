import { describe, expect, it } from "vitest";
import { isPastedSecret, withoutPastedSecret } from "../../../src/orchestrator/secrets/pasted.ts";

describe("a line that tells a secret", () => {
  it.each([
    ["secret set github_token ghp_abc", "secret set github_token (hidden)"],
    ["Secrets set github_token = ghp_abc def", "Secrets set github_token (hidden)"],
    ["secret add github_token:ghp_abc", "secret add github_token (hidden)"],
    ["secret set github_token\nghp_abc\nmore", "secret set github_token (hidden)"],
    ["secret github_token=ghp_abc", "secret github_token (hidden)"],
    ["secret github_token ghp_abc", "secret github_token (hidden)"],
    ["set secret github_token ghp_abc", "set secret github_token (hidden)"],
  ])("is kept without it: %j", (line, kept) => {
    expect(withoutPastedSecret(line, true)).toBe(kept);
    expect(isPastedSecret(line)).toBe(true);
    expect(isPastedSecret(kept)).toBe(true);
    expect(withoutPastedSecret(kept, true)).toBe(kept);
  });

  it.each(["secrets", "secret set", "secret santa every december 1st draws names", "set prs overlap allow", "list"])(
    "is not this one, which stays as it is: %s",
    (line) => expect(withoutPastedSecret(line, true)).toBe(line),
  );

  it("is recognised in what is said to everybody only where it can mean nothing else", () => {
    expect(withoutPastedSecret("secret set x ghp_abc", false)).toBe("secret set x (hidden)");
    expect(withoutPastedSecret("secret santa tomorrow", false)).toBe("secret santa tomorrow");
  });
});
