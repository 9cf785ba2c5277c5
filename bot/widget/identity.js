// The form in which a customer confirms who they are: an e-mail address, then the code that was sent to it.

import { locked, mark } from "./form.js";

const byId = (id) => document.getElementById(id);
const AGAIN = 30; // seconds in which a code usually arrives

/** Names an address to who knows it, and to nobody else: a…@…lv. */
const veiled = (email) => `${email[0]}…@…${email.slice(email.lastIndexOf(".") + 1)}`;

/** Wires the form. api(): the current conversation's requests. say(name): our words. onDone({token, resumed}): confirmed,
 *  with the key of another conversation where it goes on there, or given up. announce(text). */
export function identityForm({ api, say, onDone, announce }) {
  const section = byId("identity");
  const steps = {
    email: { form: byId("email-form"), input: byId("email"), error: byId("email-error") },
    code: { form: byId("code-form"), input: byId("code"), error: byId("code-error") },
  };
  let state = "none"; // what the server says
  let changing = false; // the customer went back from the code to the address
  let email = ""; // the address in use, for a new code; unknown after a reload
  let again = 0; // when a new code may be asked for
  let ticking;

  const step = () => (changing ? "email" : state);

  function paint() {
    section.hidden = !steps[step()];
    for (const [name, { form }] of Object.entries(steps)) form.hidden = name !== step();
    byId("email-back").hidden = !changing;
    byId("code-to").textContent = email && say("identity.code_to", { email: veiled(email) });
    byId("code-again").hidden = !email;
    paintWait();
  }

  function paintWait() {
    const seconds = Math.ceil((again - Date.now()) / 1000);
    clearTimeout(ticking);
    byId("code-again").disabled = seconds > 0;
    byId("code-wait").textContent = seconds > 0 && email ? say("identity.code_wait", { seconds }) : "";
    if (seconds > 0) ticking = setTimeout(paintWait, 1000);
  }

  function sent() {
    again = Date.now() + AGAIN * 1000;
    steps.code.input.value = "";
    paint();
  }

  const fail = (name, detail) => mark(steps[name], detail);

  function focus() {
    steps[step()]?.input.focus();
  }

  function change(isChanging) {
    changing = isChanging;
    fail("email", "");
    fail("code", "");
    paint();
    focus();
  }

  /** Runs a request with its form locked; shows what went wrong. Returns whether it worked. */
  async function attempt(name, work) {
    fail(name, "");
    const problem = await locked(section, work);
    if (problem) fail(name, problem.detail || say("chat.failed"));
    return !problem;
  }

  steps.email.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { input } = steps.email;
    input.value = input.value.trim();
    if (!input.value || !input.checkValidity()) return fail("email", say("identity.email_wrong"));
    if (await attempt("email", () => api().email(input.value))) {
      email = input.value;
      state = "code"; // the stream says so too, a moment later
      sent();
      change(false);
    }
  });

  steps.code.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = steps.code.input.value.replace(/\D/g, "");
    if (code.length !== 6) return fail("code", say("identity.code_wrong"));
    let next;
    const confirm = async () => (next = await api().code(code));
    if (await attempt("code", confirm)) {
      state = "confirmed";
      clear();
      onDone(next);
    }
  });

  byId("code-again").addEventListener("click", async () => {
    if (await attempt("code", () => api().email(email))) {
      sent();
      announce(say("identity.code_sent"));
      focus();
    }
  });

  byId("email-change").addEventListener("click", () => change(true));
  byId("email-back").addEventListener("click", () => change(false));

  for (const button of section.querySelectorAll(".give-up")) {
    button.addEventListener("click", async () => {
      if (await attempt(step(), () => api().forgetIdentity())) {
        state = "none";
        clear();
        onDone();
      }
    });
  }

  function clear() {
    changing = false;
    email = "";
    for (const { input } of Object.values(steps)) input.value = "";
    fail("email", "");
    fail("code", "");
    paint();
  }

  return {
    focus,
    /** Shows what the server says; tells whether the form has just appeared. */
    show(next) {
      const appeared = !steps[state] && Boolean(steps[next]);
      const left = steps[state] && !steps[next];
      state = next;
      if (left) clear();
      else paint();
      return appeared;
    },
  };
}
