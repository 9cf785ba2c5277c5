// The one question after an agent has closed a conversation.

import { locked } from "./form.js";
import { remembered } from "./memory.js";

const byId = (id) => document.getElementById(id);

/** Wires the form. api(): the current conversation's requests. say(name): our words. onDone(wasSent). */
export function ratingForm({ api, say, onDone }) {
  const section = byId("rating");
  const form = byId("rating-form");
  const skipped = remembered("localStorage", "cps-rating-skipped"); // until there is nothing to rate any more

  function clear() {
    section.hidden = true;
    form.reset();
    byId("rating-error").textContent = "";
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { score, comment } = form.elements;
    if (!score.value) return; // Enter, where nothing to send is shown yet
    const problem = await locked(section, () => api().rate(Number(score.value), comment.value));
    if (problem) {
      byId("rating-error").textContent = problem.detail || say("chat.failed");
      return;
    }
    clear();
    onDone(true);
  });
  byId("rating-skip").addEventListener("click", () => {
    skipped.set("1");
    clear();
    onDone(false);
  });

  return {
    /** Shows what the server says. */
    show(mayRate) {
      if (!mayRate) skipped.set(null);
      if (mayRate && !skipped.get()) section.hidden = false;
      else clear();
    },
  };
}
