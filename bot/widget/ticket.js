// The form for a message to CPS priority support, which is answered by e-mail.

import { newId } from "./conversation.js";
import { locked, mark } from "./form.js";
import { remembered } from "./memory.js";

const byId = (id) => document.getElementById(id);

/** Wires the form. api(): the current conversation's requests. say(name, values): our words. limit: characters of a message.
 *  onDone(): sent, or given up. */
export function ticketForm({ api, say, limit, onDone }) {
  const section = byId("ticket");
  const email = { input: byId("ticket-email"), error: byId("ticket-email-error") };
  const text = { input: byId("ticket-text"), error: byId("ticket-text-error") };
  const draft = remembered("sessionStorage", "cps-ticket");

  // What is sent again unchanged keeps its id, and cannot double.
  const keep = () => draft.set(JSON.stringify({ client_id: newId(), email: email.input.value, text: text.input.value }));

  function fail(name, detail) {
    mark(text, name === "text" ? detail : "");
    mark(email, name === "email" ? detail : "");
    byId("ticket-error").textContent = name === "form" ? detail : "";
  }

  function clear() {
    section.hidden = true;
    draft.set(null);
    email.input.value = text.input.value = "";
    fail();
  }

  function wrong() {
    const { length } = text.input.value.trim();
    if (!email.input.value || !email.input.checkValidity()) return ["email", say("identity.email_wrong")];
    if (!length) return ["text", say("ticket.empty")];
    if (length > limit) return ["text", say("chat.too_long", { length, limit })];
  }

  async function attempt(work) {
    fail();
    const problem = await locked(section, work);
    const field = { 413: "text", 422: "email" }[problem?.status] ?? "form"; // what else may be wrong, wrong() has found
    if (problem) return fail(field, problem.detail || say("chat.failed"));
    clear();
    onDone();
  }

  byId("ticket-form").addEventListener("input", keep);
  byId("ticket-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (email.input.value !== email.input.value.trim()) {
      email.input.value = email.input.value.trim();
      keep();
    }
    const problem = wrong();
    if (problem) fail(...problem);
    else attempt(() => api().ticket(JSON.parse(draft.get())));
  });
  byId("ticket-cancel").addEventListener("click", () => attempt(() => api().noTicket()));

  return {
    focus: () => (email.input.value ? text : email).input.focus(),
    /** Shows what the server says; tells whether the form has just appeared. */
    show(isWanted) {
      if (!isWanted) return clear();
      const appeared = section.hidden;
      section.hidden = false;
      if (appeared) {
        const { email: address = "", text: message = "" } = JSON.parse(draft.get()) ?? {};
        email.input.value = address;
        text.input.value = message;
      }
      return appeared;
    },
  };
}
