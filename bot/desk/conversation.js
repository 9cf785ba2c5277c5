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
      // In other hands the page offers other things; what is written stays in the draft.
      if (state.holder !== page.dataset.holder) return leaves() || location.reload();
      showTyping(state.typing);
      transcript.showDelivery(state);
    },
  },
  (how) => (line.textContent = how ? page.dataset[how] : ""),
);

// Signed in anew in another tab: what this page sends is refused.
document.addEventListener("desk:stale", () => location.reload());
