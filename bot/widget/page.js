// What the chat does to the page around it: its title, a sound, the way back on a phone, and the scrolling behind.

import { PHONE } from "./launcher.js";

let own = ""; // the page's title
let given = ""; // as we have set it

/** Returns the page's title as the page has set it. */
export function ownTitle() {
  if (document.title !== given) own = document.title;
  return own;
}

/** Puts the number of unread messages before the page's title. */
export function titleUnread(unread) {
  ownTitle();
  given = unread ? `(${unread}) ${own}` : own;
  if (document.title !== given) document.title = given;
}

/** Sounds two short notes, where the browser lets a page. */
export function sound() {
  try {
    const context = new AudioContext();
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const { currentTime } = context;
    tone.frequency.setValueAtTime(660, currentTime);
    tone.frequency.setValueAtTime(880, currentTime + 0.12);
    volume.gain.setValueAtTime(0.08, currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, currentTime + 0.4);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(currentTime + 0.4);
    tone.onended = () => context.close();
  } catch {}
}

const isPhone = matchMedia(PHONE);

/** On a phone, where the chat covers the page, "back" closes it, and the page behind does not scroll. */
export function coverPage(isOpen, close) {
  let before; // the page's own overflow, while it is taken away

  function paint() {
    const covers = isOpen() && isPhone.matches;
    const { style } = document.documentElement;
    if (covers === (before !== undefined)) return;
    if (covers) [before, style.overflow] = [style.overflow, "hidden"];
    else [before, style.overflow] = [undefined, before];
    if (covers && !history.state?.cpsAssistant) history.pushState({ ...history.state, cpsAssistant: true }, "");
    if (!covers && history.state?.cpsAssistant) history.back();
  }

  isPhone.addEventListener("change", paint);
  addEventListener("popstate", ({ state }) => {
    if (isOpen() && isPhone.matches && !state?.cpsAssistant) close();
  });
  return paint;
}
