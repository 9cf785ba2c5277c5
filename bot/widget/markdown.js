// Turns the assistant's Markdown into HTML. marked reads it, DOMPurify lets nothing but a few tags through.
// A script of its own, which loads while the conversation begins.

import DOMPurify from "dompurify";
import { Marked } from "marked";

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => text.replace(/[&<>"']/g, (character) => ESCAPES[character]);

const ADDRESS = /^(?:https?:|mailto:)/i;
const ALLOWED = {
  ALLOWED_TAGS: ["p", "br", "ul", "ol", "li", "strong", "em", "a", "span"],
  ALLOWED_ATTR: ["href", "target", "rel", "class", "start"],
  ALLOWED_URI_REGEXP: ADDRESS,
  ADD_URI_SAFE_ATTR: ["target", "rel", "start"], // these are no addresses
};

let newWindow = ""; // what a link says about itself to those who cannot see where it opens

const no = () => undefined; // what stands here is not read as this
const reader = new Marked({
  breaks: true,
  renderer: {
    html: ({ text }) => escape(text),
    image: ({ text }) => escape(text),
    link({ href, tokens }) {
      const label = this.parser.parseInline(tokens);
      if (!ADDRESS.test(href)) return label;
      const hint = `<span class="hidden"> (${escape(newWindow)})</span>`;
      return `<a href="${escape(href)}" target="_blank" rel="noopener noreferrer">${label}${hint}</a>`;
    },
    checkbox: () => "",
  },
  tokenizer: {
    blockquote: no,
    code: no,
    codespan: no,
    def: no,
    del: no,
    fences: no,
    heading: no,
    hr: no,
    html: no,
    lheading: no,
    table: no,
    tag: no,
    url: (source) => (/^https?:/i.test(source) ? false : undefined), // false: as marked does; not without a scheme
  },
});

/** hint: what a link adds about itself for those who cannot see where it opens. */
window.renderMarkdown = (markdown, hint) => {
  newWindow = hint;
  const bulleted = markdown.replace(/^(\s*)•(?=\s)/gm, "$1-");
  const html = reader.parse(bulleted).replace(/\n+(?=<|$)/g, ""); // no text between blocks
  return DOMPurify.sanitize(html, ALLOWED);
};
