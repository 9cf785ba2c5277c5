// The chat API, one function a request, relative to our pages: they may stand under a path of another site.
// A failure becomes a Problem, whatever failed.

export class Problem extends Error {
  /** status: the HTTP status, 0 when no answer came. detail: words for the customer, or "". */
  constructor(status, detail = "") {
    super(`the chat API answered ${status}`);
    this.status = status;
    this.detail = detail;
  }
}

const TIMEOUT = 15_000; // milliseconds
const FILE_TIMEOUT = 120_000;

/** The end of a name: no more than the server takes. */
const encoded = (name) => encodeURIComponent([...name].slice(-100).join(""));

/** file: content that is sent as it is. */
async function ask(method, path, { token, body, file, keepalive } = {}) {
  let response;
  try {
    response = await fetch(`api/${path}`, {
      method,
      headers: {
        ...(body && { "Content-Type": "application/json" }),
        ...(file && { "Content-Type": "application/octet-stream", "X-File-Name": encoded(file.name) }),
        ...(body?.client_id && { "X-Request-ID": body.client_id }), // by which operators follow it through all logs
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      body: file ?? (body && JSON.stringify(body)),
      keepalive,
      signal: AbortSignal.timeout(file ? FILE_TIMEOUT : TIMEOUT),
    });
  } catch {
    throw new Problem(0);
  }
  if (response.ok) return response;
  const { detail } = await response.json().catch(() => ({})); // a proxy's error page is no JSON
  throw new Problem(response.status, detail);
}

async function request(method, path, content) {
  const response = await ask(method, path, content);
  if (response.status === 204) return {};
  return response.json().catch(() => {
    throw new Problem(0); // cut off
  });
}

export const newConversation = (language) => request("POST", "conversations", { body: { language } });

/** Makes tokens of the host page worthless. The page around the chat may be left right after a log-out. */
export const spendTokens = (tokens, language) =>
  request("POST", "website-tokens/spent", { body: { tokens, language }, keepalive: true });

/** The requests of one conversation. */
export function conversationApi(token) {
  const send = (method, path, body) => request(method, `conversation${path}`, { token, body });
  return {
    token,
    news: (after) => request("GET", `conversation/news?after=${after}`, { token }),
    unread: () => request("GET", "conversation/unread", { token }),
    questions: (language, text) => send("POST", "/questions", { language, text }),
    message: (client_id, text) => send("POST", "/messages", { client_id, text }),
    sendFile: (client_id, file) =>
      request("POST", `conversation/files?${new URLSearchParams({ client_id })}`, { token, file }),
    file: async (id) => (await ask("GET", `conversation/files/${id}`, { token })).blob(),
    choice: (client_id, choice) => send("POST", "/choices", { client_id, choice }),
    unhelpful: (id) => send("POST", `/answers/${id}/unhelpful`),
    language: (language) => send("PUT", "/language", { language }),
    // The page around the chat may be left right after a log-out.
    end: () => request("DELETE", "conversation", { token, keepalive: true }),
    restart: () => send("POST", "/restart"),
    email: (email) => send("POST", "/identity/email", { email }),
    code: (code) => send("POST", "/identity/code", { code }),
    vouched: (token) => send("POST", "/identity/token", { token }),
    askIdentity: () => send("POST", "/identity"),
    forgetIdentity: () => send("DELETE", "/identity"),
    person: () => send("POST", "/person"),
    noPerson: () => send("DELETE", "/person"),
    ticket: (ticket) => send("POST", "/ticket", ticket),
    noTicket: () => send("DELETE", "/ticket"),
    page: (url, title) => send("PUT", "/page", { url, title }),
    typing: () => send("POST", "/typing"),
    // Likewise right after reading.
    seen: (id) => request("POST", "conversation/seen", { token, body: { id }, keepalive: true }),
    rate: (score, comment) => send("POST", "/rating", { score, comment }),
    transcript: async () => (await ask("GET", "conversation/transcript", { token })).blob(),
    mail: () => send("POST", "/transcript/letter"),
  };
}
