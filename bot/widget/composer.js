// Where the customer writes: Enter sends, the box grows with its text.

const byId = (id) => document.getElementById(id);
const TYPING = 3_000; // milliseconds between two signals that the customer writes; the server believes one for six

/** Wires the button for a file, and files that are pasted. onFile(file). */
export function fileButton(onFile) {
  const picker = byId("file");
  byId("attach").addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    if (picker.files.length) onFile(picker.files[0]);
    picker.value = ""; // so that the same file can be chosen again
    byId("box").focus();
  });
  byId("box").addEventListener("paste", (event) => {
    const [file] = event.clipboardData.files;
    if (!file) return;
    event.preventDefault();
    onFile(file);
  });
}

/** Wires the box. onSend(text): tells whether the text was taken. onTyping(): tells whether anybody wants to know it.
 *  onChange(text). */
export function composer({ onSend, onTyping, onChange }) {
  const box = byId("box");
  let signalled = 0;

  function fit() {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`; // the stylesheet knows the limit
  }

  function write(text) {
    box.value = text;
    fit();
    onChange(text);
  }

  function send() {
    const text = box.value.trim();
    if (text && onSend(text)) write("");
  }

  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
    box.focus();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  box.addEventListener("input", () => {
    fit();
    onChange(box.value);
    if (box.value.trim() && Date.now() - signalled > TYPING && onTyping()) signalled = Date.now();
  });

  return {
    focus: () => box.focus(),
    isEmpty: () => !box.value,
    clear: () => write(""),
    /** Hands a text back, before what has been written since. */
    putBack: (text) => write([text, box.value].filter(Boolean).join("\n")),
  };
}
