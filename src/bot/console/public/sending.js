// What people do, sent to the console.

const csrf = document.body.dataset.csrf ?? "";

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The key stays the same when the network made us try again: the server then knows that it was one act.
export async function post(path, body) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json", "x-claw-csrf": csrf },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
      if ((response.headers.get("content-type") ?? "").includes("json")) return await response.json();
      return { status: "invalid", message: await response.text() };
    } catch {
      if (attempt === 2) return { status: "not_recorded", message: "Not recorded, try again." };
      await pause(700);
    }
  }
}

export const recorded = (answer) => answer.status === "stored" || answer.status === "duplicate";

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
