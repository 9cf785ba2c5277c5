// A conversation, live: puts the parts of its page together, and follows the stream.

import { composer } from "./composer.js";
import { handForms } from "./hands.js";
import { listen } from "./live.js";
import { noteForm } from "./notes.js";
import { readyReplies } from "./replies.js";
import { slashReplies } from "./slash.js";
import { parts } from "./tabs.js";
import { liveTranscript } from "./transcript.js";
import { showTyping } from "./typing.js";

const page = document.querySelector("#conversation");
const line = document.querySelector("#line");
const address = `/desk/conversations/${page.dataset.id}`;

const { drawRail, show } = parts(page);
const transcript = liveTranscript(page, address);
const forgetDraft = composer(page, address);
const leaves = handForms(page, line, forgetDraft);
noteForm(page);
slashReplies(readyReplies());
document.addEventListener("desk:insert", () => show("talk"));

/** Shows whether the customer is there, and on which page of the website. */
function showPresence({ customer, page }) {
  const there = document.querySelector("#there");
  there.dataset.is = customer ?? "";
  const texts = customer ? [there.dataset[customer], page ?? ""] : ["", ""];
  for (const [number, text] of texts.entries()) {
    const part = there.children[number];
    if (part.textContent !== text) part.textContent = text;
  }
}

/** Draws the summary anew; what the agent unfolded in it stays so. */
function drawSummary(html) {
  const summary = document.querySelector("#summary");
  const open = summary.querySelector("details")?.open;
  summary.innerHTML = html;
  if (open) summary.querySelector("details")?.setAttribute("open", "");
}

listen(
  () => `${address}/events?after=${transcript.last}`,
  {
    messages: (data) => transcript.add(JSON.parse(data).html),
    summary: (data) => drawSummary(JSON.parse(data).html),
    rail: (data) => drawRail(JSON.parse(data).html),
    state: (data) => {
      const state = JSON.parse(data);
      const { holder, ending, after } = page.dataset;
      const otherHands = state.holder !== holder;
      if ((otherHands || state.ending !== Boolean(ending)) && leaves()) return;
      // In other hands the page offers other things; what is written stays in the draft.
      const isDone = after && !/^(agent|waiting)/.test(state.holder);
      if (otherHands) return isDone ? location.assign(after) : location.reload();
      // Whoever wrote, or pressed the button on another page, has undone it.
      if (state.ending !== Boolean(ending)) return location.assign(state.ending ? address : `${address}?done=stays`);
      showTyping(state.typing);
      showPresence(state);
      transcript.showDelivery(state);
    },
  },
  (how) => (line.textContent = how ? page.dataset[how] : ""),
);

// Signed in anew in another tab: what this page sends is refused.
document.addEventListener("desk:stale", () => location.reload());
