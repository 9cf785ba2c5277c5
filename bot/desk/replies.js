// The ready replies: found by words, in one language at a time.

import { post } from "./live.js";

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Tells the desk that a reply was put into the composer. */
export function countUse(button) {
  post(`/desk/replies/${button.dataset.id}/use`);
}

/** Takes over the list, where there is one; returns how to find the buttons of the replies that have all words. */
export function readyReplies() {
  const find = document.querySelector("#find");
  if (!find) return () => [];
  const list = document.querySelector("#replies");
  const languages = document.querySelector("#reply-language");

  function found(typed) {
    const wanted = fold(typed).split(/\s+/);
    const language = languages.querySelector("[aria-pressed=true]").lang;
    const has = (text) => wanted.every((word) => fold(text).includes(word));
    const all = [...list.querySelectorAll("button")].filter((one) => one.parentElement.lang === language);
    const title = (one) => `${one.dataset.search} ${one.querySelector("strong").textContent}`;
    const inTitle = all.filter((one) => has(title(one)));
    return [...inTitle, ...all.filter((one) => !inTitle.includes(one) && has(`${title(one)} ${one.dataset.insert}`))];
  }

  function paint() {
    const shown = found(find.value);
    for (const item of list.children) item.hidden = !shown.includes(item.firstElementChild);
    document.querySelector("#no-replies").hidden = shown.length > 0;
  }

  find.addEventListener("input", paint);
  list.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) countUse(button);
  });
  languages.addEventListener("click", ({ target }) => {
    if (!target.lang) return;
    for (const button of languages.children) button.setAttribute("aria-pressed", String(button === target));
    paint();
  });
  return found;
}
