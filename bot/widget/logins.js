// Whom the host page vouches for, and that a customer has logged out there.

const MAX_TOKENS = 20; // that are kept for a log-out: they are valid for minutes

/** Returns a list that was remembered; an earlier release remembered something else. */
function listed(json) {
  try {
    return JSON.parse(json).map(String);
  } catch {
    return [];
  }
}

/** token: whom the host page's server vouches for, "" for nobody, undefined where it does not say.
 *  post(message): tells the chat, if it is there. load(): has it loaded. */
export function logIns({ remember, recall }, token, { post, load }) {
  let leaves = recall("cps-log-out"); // tokens of a customer who has logged out, as JSON, until the chat knows

  /** Returns the tokens that this tab has had since the last log-out. */
  const vouched = () => [...new Set([...listed(recall("cps-vouched")), ...(token ? [token] : [])])];

  function vouch() {
    // The conversation ends now, whether or not it is open here, and so do the tokens that the chat has not seen yet.
    if (leaves && (recall("cps-open") !== null || leaves !== "[]")) load();
    if (leaves) post({ type: "cps:log-out", spent: listed(leaves) });
    if (token !== undefined) post({ type: "cps:token", token });
    if (token) remember("cps-vouched", JSON.stringify(vouched().slice(-MAX_TOKENS)));
  }

  function logout() {
    leaves = JSON.stringify(vouched());
    token = "";
    remember("cps-log-out", leaves); // the host page may be left at once
    remember("cps-vouched", "");
    vouch();
  }

  return {
    vouch,
    logout,
    login(newToken) {
      token = String(newToken);
      if (token) vouch();
      else logout();
    },
    speaks: () => Boolean(leaves) || token !== undefined,
    loggedOut() {
      leaves = "";
      remember("cps-log-out", "");
    },
    begin() {
      // The page before this one vouched for a customer, and this one for nobody.
      if (token === "" && recall("cps-vouched")) logout();
      else vouch();
    },
  };
}
