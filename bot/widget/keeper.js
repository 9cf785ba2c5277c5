// What outlives the host page: in its storage, which may be forbidden too.

const TALKS = "cps-talks"; // there is a conversation to come back to
const LENT = "cps-kept"; // what the chat may not store itself

function attempt(storage, work) {
  try {
    return work(window[storage]);
  } catch {
    return null;
  }
}

/** Returns what remembers: for this tab, and for all tabs of the site. */
export function keeper() {
  let lent = null; // as JSON

  return {
    remember: (name, value) => attempt("sessionStorage", (tab) => tab.setItem(name, value)),
    recall: (name) => attempt("sessionStorage", (tab) => tab.getItem(name)),
    talks: () => attempt("localStorage", (all) => all.getItem(TALKS)) === "1",
    keepTalk: (talks) => attempt("localStorage", (all) => (talks ? all.setItem(TALKS, "1") : all.removeItem(TALKS))),
    lend(values) {
      lent = JSON.stringify(values);
      attempt("localStorage", (all) => all.setItem(LENT, lent));
    },
    lent() {
      try {
        return JSON.parse(attempt("localStorage", (all) => all.getItem(LENT)) ?? lent);
      } catch {
        return null; // a page may write there what it likes
      }
    },
    onChange(work) {
      addEventListener("storage", ({ key }) => key === LENT && work());
    },
  };
}
