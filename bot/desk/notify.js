// Notifications of the browser, for every conversation and page: only where the agent has asked for them by a button.

const KEY = "desk-notify"; // "on" in the browser's storage: the agent wants them
const isPossible = "Notification" in window && isSecureContext;
const isOn = () => isPossible && Notification.permission === "granted" && localStorage.getItem(KEY) === "on";

/** Notifies an agent who does not look at the desk; of several pages with the same news, the last one does. */
export function notify(text, news, path) {
  if (!isOn() || document.hasFocus()) return;
  const shown = new Notification(document.querySelector("header .name").textContent, { body: text, tag: news });
  shown.addEventListener("click", () => {
    focus();
    shown.close();
    if (path && location.pathname !== path) location.assign(path);
  });
}

const button = document.querySelector("#notify");

function paint() {
  const state = isPossible && Notification.permission === "denied" ? "denied" : isOn() ? "on" : "off";
  button.hidden = !isPossible;
  button.textContent = button.dataset[state];
  button.disabled = state === "denied";
}

button.addEventListener("click", async () => {
  if (isOn()) localStorage.setItem(KEY, "off");
  else if ((await Notification.requestPermission()) === "granted") localStorage.setItem(KEY, "on");
  paint();
});
paint();
