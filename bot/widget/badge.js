// Counts unread messages for the launcher, in a small frame, while the chat itself is not loaded.

import { conversationApi } from "./api.js";
import { borrow, channel, isForbidden, remembered } from "./memory.js";

const PAUSE = 20_000; // milliseconds between two looks
const memory = remembered("localStorage", "cps-token");
let timer;

async function look() {
  clearTimeout(timer);
  const token = memory.get();
  try {
    const { count } = token ? await conversationApi(token).unread() : { count: 0 };
    parent.postMessage({ type: "cps:unread", count, talks: Boolean(token) }, "*"); // a number is no secret
  } catch ({ status }) {
    if (status === 401) parent.postMessage({ type: "cps:unread", count: 0, talks: false }, "*"); // it has ended
  }
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
}

document.addEventListener("visibilitychange", () => document.hidden || look());
const others = channel();
if (others) others.onmessage = look;

if (isForbidden()) {
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || data?.type !== "cps:shown") return;
    borrow(data.kept, () => {});
    look();
  });
  parent.postMessage({ type: "cps:ready" }, "*");
} else look();
