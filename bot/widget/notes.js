// What the window tells beside the conversation: how the connection is, good news, and what went wrong.

import { say } from "./words.js";

const byId = (id) => document.getElementById(id);
const SHORT_BREAK = 2_000; // milliseconds; a shorter one is not worth a word
export const NEWS = 6_000; // milliseconds that a piece of good news stands there

let lasting = ""; // what stands there while there is no news
let lineTimer = 0;
let breakTimer;
let told = false; // that the connection was lost

/** Tells politely how the connection is; nothing takes the line away. */
export function tell(text = "", forMilliseconds = 0) {
  clearTimeout(lineTimer);
  lineTimer = forMilliseconds && setTimeout(() => tell(lasting), forMilliseconds);
  byId("line").textContent = text;
}

/** Sets what stands there while there is no news. */
export function tellLasting(text) {
  lasting = text;
  if (!lineTimer) tell(lasting);
}

export function showProblem(text) {
  byId("problem-text").textContent = text;
  byId("problem").hidden = !text;
}

/** Tells of a break that is not short, and of its end. */
export function noteLine(isUp) {
  if (!isUp) {
    breakTimer ??= setTimeout(() => {
      told = true;
      tell(say("chat.offline"));
    }, SHORT_BREAK);
    return;
  }
  clearTimeout(breakTimer);
  breakTimer = null;
  if (told) tell(say("chat.online"), 4_000);
  else if (!lineTimer) tell(lasting);
  told = false;
}
