// Turns the assistant's Markdown into HTML: paragraphs, lists, bold, links, and a backslash that takes its meaning from a
// sign; and what people write: links. All text is escaped, so that nothing but the few tags written here can come out,
// whatever goes in.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => text.replace(/[&<>"']/g, (character) => ESCAPES[character]);

const PLAIN = /\\([!-/:-@[-`{-~])/g;
const BOLD = /\*\*(\S(?:.*?\S)?)\*\*/g;
const ADDRESS = /(?<bare>https?:\/\/[^\s<>"'()]*[^\s<>"'().,;:!?*])/g;
const LINK = new RegExp(`\\[(?<label>[^[\\]]+)\\]\\((?<address>https?:\\/\\/[^\\s()<>"']+)\\)|${ADDRESS.source}`, "g");
const MARKS = { ul: /^\s*[-*•]\s+/, ol: /^\s*\d+[.)]\s+/ };

function link(address, label, newWindow) {
  const hint = `<span class="hidden"> (${escape(newWindow)})</span>`;
  return `<a href="${escape(address)}" target="_blank" rel="noopener noreferrer">${escape(label)}${hint}</a>`;
}

/** Marks a text up, while its links, and signs that are plain, stand aside: an address may hold asterisks. */
function linked(text, pattern, newWindow, markUp, plain = (rest) => rest) {
  const aside = [];
  const keep = (html) => `\u0000${aside.push(html) - 1}\u0000`;
  const restore = (html) => html.replace(/\u0000(\d+)\u0000/g, (_, index) => restore(aside[index]));
  const rest = plain(text, keep).replace(pattern, (...match) => {
    const { label, address, bare } = match.at(-1);
    return keep(link(address ?? bare, label ?? bare, newWindow));
  });
  return restore(markUp(rest));
}

const bold = (text) => escape(text).replace(BOLD, "<strong>$1</strong>");
const plainSigns = (text, keep) => text.replace(PLAIN, (_, sign) => keep(escape(sign)));
const inline = (text, newWindow) => linked(text, LINK, newWindow, bold, plainSigns);

const kindOf = (line) => Object.keys(MARKS).find((kind) => MARKS[kind].test(line)) ?? "p";

function block(kind, lines, newWindow) {
  if (kind === "p") return `<p>${lines.map((line) => inline(line, newWindow)).join("<br>")}</p>`;
  const items = lines.map((line) => `<li>${inline(line.replace(MARKS[kind], ""), newWindow)}</li>`);
  const start = kind === "ol" ? ` start="${parseInt(lines[0], 10)}"` : "";
  return `<${kind}${start}>${items.join("")}</${kind}>`;
}

/** Turns what a person, or the website side, wrote into HTML: links, and nothing else. label: whose it is. */
export function renderPlain(text, label, newWindow) {
  const said = linked(text.replaceAll("\u0000", ""), ADDRESS, newWindow, escape);
  return `<strong>${escape(label)}</strong> <span>${said}</span>`;
}

/** newWindow: what a link adds about itself for those who cannot see where it opens. */
export function renderMarkdown(markdown, newWindow) {
  const blocks = [];
  let kind = "";
  for (const line of markdown.replaceAll("\u0000", "").split(/\r?\n/)) {
    const next = line.trim() && kindOf(line);
    if (next && next === kind) blocks.at(-1).lines.push(line);
    else if (next) blocks.push({ kind: next, lines: [line] });
    kind = next;
  }
  return blocks.map(({ kind, lines }) => block(kind, lines, newWindow)).join("");
}
