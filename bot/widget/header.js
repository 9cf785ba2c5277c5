// The buttons above the conversation.

import { close, embedded } from "./host.js";
import { headerMenu } from "./menu.js";
import { NEWS, tell } from "./notes.js";
import { say, spoken } from "./words.js";

const byId = (id) => document.getElementById(id);
const KEPT = 30_000; // milliseconds that a download may take to begin

/** Wires the buttons. onRestart(): a new conversation stands there; onLogOut(). */
export function wireHeader(session, { onRestart, onLogOut }) {
  const { attempt } = session;
  let isCalling = false;

  // It works from the first moment: before a conversation has begun, and before anything of it has arrived.
  byId("person").addEventListener("click", async ({ detail }) => {
    if (detail > 1 || isCalling) return; // a double click must not take back what its first half asked for
    isCalling = true;
    await session.entered;
    await attempt(() => (session.state?.owner === "waiting" ? session.api.noPerson() : session.api.person()));
    isCalling = false;
    session.conversation?.hurry();
  });

  const closeMenu = headerMenu();

  byId("save").addEventListener("click", () =>
    attempt(async () => {
      const file = `cps-${new Date().toLocaleDateString("sv")}.txt`; // Swedes write 2026-11-24
      const href = URL.createObjectURL(await session.api.transcript());
      Object.assign(document.createElement("a"), { href, download: file }).click();
      setTimeout(() => URL.revokeObjectURL(href), KEPT);
      tell(say("chat.saved", { file }), NEWS);
    }),
  );

  byId("mail").addEventListener("click", () =>
    attempt(async () => {
      await session.api.mail();
      tell(say("chat.mailed"), NEWS);
    }),
  );

  byId("languages").addEventListener("click", ({ target }) => {
    if (target.lang && target.lang !== spoken()) attempt(() => session.api.language(target.lang));
  });

  byId("log-out").addEventListener("click", onLogOut);

  byId("restart").addEventListener("click", () => byId("restart-dialog").showModal());
  byId("restart-dialog").addEventListener("close", ({ target }) => {
    if (target.returnValue !== "yes") return;
    target.returnValue = "";
    attempt(async () => {
      session.enter((await session.api.restart()).token);
      onRestart();
    });
  });

  byId("close").hidden = !embedded;
  byId("close").addEventListener("click", close);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || byId("restart-dialog").open) return;
    if (!closeMenu() && embedded) close();
  });
}
