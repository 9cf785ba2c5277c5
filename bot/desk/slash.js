// "/" in the composer, at the beginning of a word, opens a search for a ready reply, which takes its place.

import { countUse } from "./replies.js";

const SHOWN = 8; // replies at once

/** Takes over the composer; `found` returns the buttons of the replies that have all the words typed. */
export function slashReplies(found) {
  const box = document.querySelector("#text");
  if (!box) return;
  const popup = document.querySelector("#slash");
  const [input, list, hint] = popup.children;
  let replies = [], chosen = 0;

  function paint() {
    replies = found(input.value).slice(0, SHOWN);
    list.replaceChildren(...replies.map((reply, number) => {
      const option = document.createElement("li");
      option.id = `slash-${number}`;
      option.setAttribute("role", "option");
      option.append(...[...reply.children].map((part) => part.cloneNode(true)));
      return option;
    }));
    hint.textContent = hint.dataset[replies.length ? "keys" : "none"];
    choose(0);
  }

  function choose(number) {
    chosen = replies.length ? (number + replies.length) % replies.length : 0;
    for (const [one, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(one === chosen));
    const option = list.children[chosen];
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  /** Goes back to the composer, and puts a text where the "/" was typed. */
  function close(text) {
    popup.hidden = true;
    input.value = "";
    box.focus();
    box.setRangeText(text, box.selectionStart, box.selectionStart, "end");
    box.dispatchEvent(new Event("input"));
  }

  function take(number) {
    if (!replies[number]) return;
    countUse(replies[number]);
    close(replies[number].dataset.insert);
  }

  box.addEventListener("input", ({ data }) => {
    const at = box.selectionStart;
    if (data !== "/" || !/(^|\s)\/$/.test(box.value.slice(0, at))) return;
    box.setRangeText("", at - 1, at, "end");
    popup.hidden = false;
    paint();
    input.focus();
  });

  input.addEventListener("input", paint);
  input.addEventListener("keydown", (event) => {
    const deed = {
      ArrowDown: () => choose(chosen + 1),
      ArrowUp: () => choose(chosen - 1),
      Enter: () => take(chosen),
      Escape: () => close(`/${input.value}`), // it was meant as it was typed
      Backspace: input.value ? undefined : () => close(""),
    }[event.key];
    if (!deed || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  });
  input.addEventListener("blur", () => (popup.hidden = true));
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the input
  list.addEventListener("click", ({ target }) => take([...list.children].indexOf(target.closest("li"))));
}
