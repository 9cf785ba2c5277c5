// The buttons that give the conversation into other hands, or take it.

import { post } from "./live.js";

/** Takes over the forms. `done` is called when one was carried out; the result tells whether one is under way. */
export function handForms(page, line, done) {
  let leaves = false; // the agent has pressed one, and goes where it leads

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.closest(".hands")) return;
    event.preventDefault();
    leaves = true;
    const answer = await post(form.action, Object.fromEntries(new FormData(form)));
    if (answer?.ok) {
      const next = answer.headers.get("location");
      if (next !== location.pathname) done(); // otherwise it can be undone
      location.assign(next);
    } else if (answer) {
      form.submit(); // the page that comes says why not
    } else {
      leaves = false;
      line.textContent = page.dataset.notDone;
    }
  });

  // How long it can still be undone. It is not read aloud: each second would interrupt the last.
  const seconds = document.querySelector("#seconds");
  const ends = Date.now() + 1000 * page.dataset.ending;
  if (seconds) {
    setInterval(() => (seconds.textContent = Math.max(0, Math.ceil((ends - Date.now()) / 1000))), 250);
  }

  return () => leaves;
}
