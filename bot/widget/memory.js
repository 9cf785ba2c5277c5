// What outlives a reload. A browser may forbid storage in frames; then it lasts as long as the page.

/** storage: "localStorage", which all tabs share, or "sessionStorage", which ends with the tab. */
export function remembered(storage, name) {
  let value = null;
  return {
    get() {
      try {
        return window[storage].getItem(name) ?? value;
      } catch {
        return value;
      }
    },
    set(text) {
      value = text;
      try {
        if (text === null) window[storage].removeItem(name);
        else window[storage].setItem(name, text);
      } catch {}
    },
  };
}
