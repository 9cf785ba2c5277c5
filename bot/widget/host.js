// What the chat and the page around it say to each other: whether the window is open, and who is logged in there.

import { conversationApi, spendTokens } from "./api.js";
import { borrow, isForbidden } from "./memory.js";
import { showProblem } from "./notes.js";
import { say, spoken } from "./words.js";

export const embedded = parent !== window;

/** Tells the page around the chat; what is told is no secret, whoever embeds us. */
const tellHost = (type, more) => parent.postMessage({ type, ...more }, "*");

export const close = () => tellHost("cps:close");
export const tellMessage = (author) => tellHost("cps:message", { author });

/** talks: the customer has said something, so that there is something to come back to. */
export const tellUnread = (count, talks) => tellHost("cps:unread", { count, talks });

/** Whether the customer has the chat before their eyes, and what waits until they do. */
export const sight = {
  shown: !embedded,
  /** Waits until the customer looks: a conversation that nobody sees need not begin. */
  look: () => sight.shown || new Promise((resolve) => (sight.looked = resolve)),
  looked() {},
};

/** Begins the conversation, and does what the host page says; onShown() is called when the window opens. */
export function followHost(session, { onShown }) {
  let turn; // what it says is done one after the other
  let answered = () => {};
  let looksForOther = location.hash.includes("returns"); // a link in an e-mail has led here

  /** Has the host page's word for who the customer is checked. */
  async function vouch(token) {
    const asked = session.api;
    session.knownBy.set("website");
    try {
      await session.api.vouched(token);
    } catch (problem) {
      if (problem.status !== 401) return showProblem(problem.detail || say("chat.failed"));
      if (session.api === asked) await session.replace(asked.token); // it was another customer's, and has ended
      session.knownBy.set("website");
      await session.attempt(() => session.api.vouched(token));
    }
  }

  /** Does what follows from a log-out, or from whom the host page vouches for: "" for nobody. */
  async function follow({ type, token, spent }) {
    await session.settled();
    const who = session.knownBy.get();
    if (spent?.length) spendTokens(spent, spoken()).catch(() => {}); // they end by themselves within minutes
    if (type === "cps:log-out") tellHost("cps:logged-out");
    if (session.api && (type === "cps:log-out" ? who : token === "" && who === "website")) await session.leave();
    if (!session.api) {
      await sight.look();
      session.enter(await session.begin());
    }
    if (token) await vouch(String(token));
    else await findOther();
    if (!session.conversation) session.enter(session.former());
  }

  /** Asks who the customer is, who may have begun a conversation on another device. */
  async function findOther() {
    if (looksForOther && session.conversation) await session.attempt(() => session.api.askIdentity());
    looksForOther = false;
  }

  addEventListener("message", ({ source, origin, data }) => {
    if (!embedded || source !== parent) return;
    if (data?.type === "cps:token" || data?.type === "cps:log-out") turn = turn.then(() => follow(data));
    if (data?.type === "cps:page") session.setPage(data);
    if (data?.type !== "cps:shown") return;
    if (isForbidden()) borrow(data.kept, (kept) => parent.postMessage({ type: "cps:kept", kept }, origin));
    answered();
    sight.shown = data.shown;
    if (!sight.shown) return;
    sight.looked();
    onShown();
  });

  /** Resumes the conversation; where the host page is about to say who is there, it is not shown before that. */
  async function start() {
    if (embedded && isForbidden()) await new Promise((resolve) => (answered = resolve));
    const former = session.former();
    looksForOther &&= !former;
    if (!location.hash.includes("host-speaks")) {
      session.enter(former ?? (await session.begin()));
      await findOther();
    } else if (former) session.api = conversationApi(former);
  }

  turn = start();
  if (embedded) tellHost("cps:ready");
  return { leave: () => (turn = turn.then(session.leave)) };
}
