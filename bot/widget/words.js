// What the window says, in the language of the conversation.

const WORDS = Object.freeze("__WORDS__"); // put here by the server, from words.yml

let language = document.documentElement.lang;

export const spoken = () => language;

/** How dates and times are written: 20:56, also in English. */
export const locale = () => ({ lv: "lv-LV", en: "en-GB" })[language];

/** Returns our words; values fills what stands in braces. */
export function say(name, values = {}) {
  const [group, word] = name.split(".");
  return WORDS[group][word][language].replace(/\{(\w+)\}/g, (_, value) => values[value]);
}

/** Says everything that stands in the page in another language. */
export function speak(other) {
  language = other;
  document.documentElement.lang = language;
  document.title = say("chat.title");
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.ariaLabel = say(element.dataset.label);
    if (element.title) element.title = element.ariaLabel;
    if (element.placeholder) element.placeholder = say("chat.placeholder");
  }
  document.getElementById("privacy").href = `privacy?language=${language}`;
  for (const button of document.getElementById("languages").children) button.ariaPressed = String(button.lang === language);
}
