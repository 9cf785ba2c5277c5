// The form of a note that only agents see.

import { post } from "./live.js";

/** Takes over the form; what is not sent yet is kept. */
export function noteForm(page) {
  const draft = `desk-note-${page.dataset.id}`;
  const note = document.querySelector("#note");
  const problem = document.querySelector("#note-problem");
  note.value = sessionStorage.getItem(draft) ?? "";
  note.addEventListener("input", () => sessionStorage.setItem(draft, note.value));

  note.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = note.value.trim();
    if (!text || note.form.getAttribute("aria-busy")) return;
    note.form.setAttribute("aria-busy", "true");
    const answer = await post(note.form.action, { text });
    note.form.removeAttribute("aria-busy");
    problem.textContent = answer?.ok ? "" : page.dataset.notSent;
    if (!answer?.ok) return;
    note.value = "";
    sessionStorage.removeItem(draft);
  });
}
