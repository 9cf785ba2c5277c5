// The ready replies: found by words, in one language at a time.

/** Takes over the list, where there is one. */
export function readyReplies() {
  const find = document.querySelector("#find");
  if (!find) return;
  const languages = document.querySelector("#reply-language");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function paint() {
    const wanted = fold(find.value).split(/\s+/);
    const language = languages.querySelector("[aria-pressed=true]").lang;
    let shown = 0;
    for (const item of document.querySelectorAll("#replies li")) {
      const text = fold(item.textContent);
      item.hidden = item.lang !== language || !wanted.every((word) => text.includes(word));
      shown += !item.hidden;
    }
    document.querySelector("#no-replies").hidden = shown > 0;
  }

  find.addEventListener("input", paint);
  languages.addEventListener("click", ({ target }) => {
    if (!target.lang) return;
    for (const button of languages.children) button.setAttribute("aria-pressed", String(button === target));
    paint();
  });
}
