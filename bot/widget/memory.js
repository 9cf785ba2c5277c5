// What outlives a reload. Where the browser forbids storage in frames, the page around the chat keeps it for us.

const NAMES = ["cps-token", "cps-known-by", "cps-rating-skipped"]; // that the page around the chat may keep
const values = {}; // what we cannot store

let lend = () => {};

/** Whether the browser forbids storage here. */
export function isForbidden() {
  try {
    localStorage.getItem("");
    return false;
  } catch {
    return true;
  }
}

/** Takes what the page around the chat has kept for us; keep(values) has it keep more. */
export function borrow(kept, keep) {
  lend = () => keep(Object.fromEntries(NAMES.filter((name) => values[name]).map((name) => [name, values[name]])));
  for (const name of NAMES) if (typeof kept?.[name] === "string") values[name] = kept[name];
}

/** storage: "localStorage", which all tabs share, or "sessionStorage", which ends with the tab. */
export function remembered(storage, name) {
  return {
    get() {
      try {
        return window[storage].getItem(name) ?? values[name] ?? null;
      } catch {
        return values[name] ?? null;
      }
    },
    set(text) {
      values[name] = text;
      try {
        if (text === null) window[storage].removeItem(name);
        else window[storage].setItem(name, text);
      } catch {
        lend();
      }
    },
  };
}

/** Returns what our pages in other tabs listen to, where the browser allows it. */
export function channel() {
  try {
    return new BroadcastChannel("cps-seen");
  } catch {
    return null;
  }
}
