// Who types: tells the customer that the agent does, and the agent that the customer does.

import { post } from "./live.js";

const PAUSE = 3_000; // milliseconds between two signs of typing

/** Shows whether the customer types. */
export function showTyping(isTyping) {
  const line = document.querySelector("#typing");
  line.textContent = isTyping ? line.dataset.words : "";
}

/** Returns what to call at each key: it tells the customer from time to time; `stop` makes the next key tell at once. */
export function typingSignal(address) {
  let last = 0;
  return {
    tell() {
      if (Date.now() - last <= PAUSE) return;
      last = Date.now();
      post(`${address}/typing`);
    },
    stop() {
      last = 0;
    },
  };
}
