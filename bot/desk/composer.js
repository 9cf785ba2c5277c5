// The agent's reply: kept as a draft until it has arrived, and sent once, however often it is repeated.

import { post } from "./live.js";
import { typingSignal } from "./typing.js";

/** Takes over the form of the reply, where the agent holds the conversation; returns how to forget the draft. */
export function composer(page, address) {
  // What is not sent yet is kept for as long as the customer's wish for a person lasts, and not until the next one.
  const draft = `desk-draft-${page.dataset.id}-${page.dataset.asked}`;
  const forget = () => sessionStorage.removeItem(draft);
  const form = document.querySelector("#reply");
  if (!form) return forget;

  const box = document.querySelector("#text");
  const problem = document.querySelector("#problem");
  const typing = typingSignal(address);
  let failed = null; // the text of which it is not known whether it arrived
  box.value = sessionStorage.getItem(draft) ?? "";
  box.focus();

  box.addEventListener("input", () => {
    sessionStorage.setItem(draft, box.value);
    if (box.value) typing.tell();
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text || form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    problem.textContent = "";
    if (text !== failed) form.elements.client_id.value = newId(); // the same text again is a repeat, and said once
    const answer = await post(form.action, { text, client_id: form.elements.client_id.value });
    form.removeAttribute("aria-busy");
    if (answer?.ok) {
      // What was typed meanwhile stays.
      const rest = box.value.trimStart();
      box.value = rest.startsWith(text) ? rest.slice(text.length).trimStart() : rest;
      if (box.value) sessionStorage.setItem(draft, box.value);
      else forget();
      failed = null;
      typing.stop();
    } else if ([401, 403, 409].includes(answer?.status)) {
      location.reload();
    } else {
      failed = text;
      problem.textContent = answer?.status === 413 ? page.dataset.tooLong : page.dataset.notSent;
    }
    box.focus();
  });

  // Ready replies, and answers of the script beside the conversation.
  document.addEventListener("desk:insert", ({ detail }) => {
    box.value = box.value ? `${box.value.trimEnd()}\n${detail.text}` : detail.text;
    box.dispatchEvent(new Event("input"));
    box.focus();
  });

  return forget;
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
