// Judging a conversation: one key marks the answer that has the focus, and leads to the next one.

import { post } from "./live.js";

const steps = document.querySelector("#steps");
const said = document.querySelector("#said");
const open = () => steps.querySelector('[data-judged="no"]');

async function mark(button) {
  const step = button.closest(".step");
  const answer = await post(button.form.action, { ...Object.fromEntries(new FormData(button.form)), verdict: button.value });
  said.className = answer?.ok ? "hidden" : "";
  said.textContent = answer?.ok ? button.innerText : steps.dataset.notSaved;
  if (!answer?.ok) return;
  const next = step.nextElementSibling;
  step.outerHTML = await answer.text();
  const judged = [...steps.querySelectorAll(".step[tabindex]")];
  const target = judged.find((one) => one === next) ?? judged[judged.findIndex(({ id }) => id === step.id) + 1];
  (target ?? document.querySelector("#next")).focus();
}

steps.addEventListener("submit", (event) => {
  event.preventDefault();
  mark(event.submitter);
});

// Only within an answer: a single key must do nothing where the supervisor is elsewhere.
steps.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.altKey || event.ctrlKey || event.metaKey || target.matches("textarea")) return;
  const button = target.closest(".step")?.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  mark(button);
});

(location.hash && document.querySelector(location.hash) ? document.querySelector(location.hash) : open())?.focus();
