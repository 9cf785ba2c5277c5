// What the customer has not seen yet: the launcher counts it, and who has written it is told when it is seen.

import { sight, tellMessage, tellUnread } from "./host.js";
import { channel } from "./memory.js";

const PRESENCE = 20_000; // milliseconds

/** Counts what arrives while nobody looks, and tells the server what was seen. */
export function createSeen(session) {
  const others = channel(); // launchers in other tabs
  let heard = []; // ids of what others have said
  let looked = 0; // the last one that came, or was there, while the customer looked
  let seen = 0; // the same, as far as the server knows
  let owner; // who held the conversation last
  let talks = false; // the customer has said something
  let timer;

  const isWatched = () => sight.shown && document.visibilityState === "visible";

  function count() {
    const last = Math.max(seen, looked);
    if (session.state) tellUnread(last ? heard.filter((id) => id > last).length : 0, talks);
  }

  /** Tells up to where the customer has read. */
  async function tell() {
    clearTimeout(timer);
    timer = undefined;
    const id = looked;
    if (id <= seen) return;
    await session.api?.seen(id).then(
      () => {
        seen = Math.max(seen, id);
        others?.postMessage(id);
      },
      () => {}, // the next message, or the next look at the chat, tells it
    );
  }

  /** Tells it once for all that arrives together. */
  function tellSoon() {
    timer ??= setTimeout(tell, 300);
  }

  function look() {
    if (isWatched()) looked = heard.at(-1) ?? 0;
    count();
    tellSoon();
  }

  /** Says again that the customer looks, to whom a person answers: that person reads whether the customer is there. */
  function tellPresence() {
    const isCalled = ["waiting", "agent"].includes(session.state?.owner);
    if (isCalled && isWatched() && seen) session.api.seen(seen).catch(() => {});
  }

  setInterval(tellPresence, PRESENCE);
  document.addEventListener("visibilitychange", tellPresence);
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", tell); // the next page counts what is unread

  return {
    look,
    note({ id, author }) {
      if (author === "customer") talks = true;
      else heard.push(id);
      if (author !== "customer" && session.state) tellMessage(author);
      look();
    },
    /** Another window may have shown it. */
    noteState(state) {
      seen = Math.max(seen, state.seen);
      talks ||= state.owner !== "assistant";
      if (state.owner !== owner) tellPresence();
      owner = state.owner;
      count();
    },
    clear() {
      heard = [];
      looked = seen = 0;
      talks = false;
      tellUnread(0, talks);
    },
  };
}
