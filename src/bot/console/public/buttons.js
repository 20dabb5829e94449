// Buttons of cards, and the dialog of those that ask for a line.

import { newKey, post, recorded } from "./sending.js";

const FEWEST_ROWS = 3;
const MOST_ROWS = 16;
// Letters of a line of the box, more or less.
const WIDTH = 55;

// What is there already is shown whole where it fits: people change what they see.
function rowsFor(text) {
  const rows = text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / WIDTH)), 0);
  return Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, rows));
}

// What the person typed, or null when they thought better of it.
function ask(button) {
  const dialog = document.getElementById("ask");
  const box = dialog.querySelector("textarea");
  dialog.querySelector("h2").textContent = button.textContent.replace(/…$/, "");
  dialog.querySelector(".ask-label").textContent = button.dataset.inputLabel;
  box.value = button.dataset.inputInitial ?? "";
  box.required = button.dataset.inputRequired === "true";
  box.rows = rowsFor(box.value);
  dialog.returnValue = "";
  dialog.showModal();
  box.focus();
  box.scrollTop = 0;
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "send" ? box.value : null), { once: true });
  });
}

async function press(button) {
  if (button.ariaDisabled === "true") return;
  const { action, value, inputLabel } = button.dataset;
  const { messageId } = button.closest("[data-message-id]").dataset;
  const text = inputLabel === undefined ? null : await ask(button);
  if (inputLabel !== undefined && text === null) return;
  button.closest(".buttons")?.querySelector(".press-note")?.remove();
  button.ariaDisabled = "true";
  const answer = await post("/api/actions", { key: newKey(), messageId, action, value, text });
  button.ariaDisabled = "false";
  if (recorded(answer)) return;
  const note = document.createElement("span");
  note.className = "press-note";
  note.role = "alert";
  note.textContent = answer.message;
  // The card may have been changed in the meantime, and the button with it.
  const now = document.querySelector(`[data-message-id="${CSS.escape(messageId)}"] .buttons`);
  (button.isConnected ? button.closest(".buttons") : now)?.append(note);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.action) press(button);
  if (button?.dataset.closesDialog !== undefined) button.closest("dialog").close();
});

document.getElementById("ask")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target.tagName !== "TEXTAREA") return;
  event.preventDefault();
  event.target.form.requestSubmit(event.target.form.querySelector("[type=submit]"));
});
