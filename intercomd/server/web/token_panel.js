// How long the token is still good for, and a field for a new one.

const CODE_WORDS = { 0: "The new token counts." };
const part = (id) => document.getElementById(id);

/** When a token04 expires, in unix seconds; null for what is none (docs/protocol.md). */
export function expiryOf(token) {
  if (!token.startsWith("04")) return null;
  try {
    // Its first 8 bytes, which are in the first 12 characters of base64.
    const head = Uint8Array.from(atob(token.slice(2, 14)), (each) => each.charCodeAt(0));
    return Number(new DataView(head.buffer).getBigInt64(0));
  } catch {
    return null;
  }
}

export class TokenPanel {
  #session;
  #named;
  #shown = "";
  #expiresAt = null;

  /** `named(code)` puts a code's name to it. */
  constructor(session, named) {
    this.#session = session;
    this.#named = named;
    part("token-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#renew();
    });
    setInterval(() => this.refresh(), 1_000);
  }

  /** The server's own word, which does not depend on this device's clock. */
  willExpireIn(remainingS) {
    this.#expiresAt = Date.now() / 1000 + remainingS;
    this.refresh();
  }

  /** What became of a renewal. */
  renewed(code, message) {
    const word = CODE_WORDS[code] ?? "Refused: the token before it still counts.";
    part("token-result").textContent = [word, message, this.#named(code)].filter(Boolean).join(" ");
    part("token-result").classList.toggle("bad", code !== 0);
    if (code === 0) part("new-token").value = "";
    this.refresh();
  }

  refresh() {
    const { token, state } = this.#session;
    part("token-panel").hidden = state === "OUT" || !token;
    if (token !== this.#shown) {
      this.#shown = token;
      this.#expiresAt = expiryOf(token);
      if (!token) part("token-result").textContent = part("new-token").value = "";
    }
    part("token-told").textContent = told(this.#expiresAt);
  }

  #renew() {
    const token = part("new-token").value.trim();
    if (!token) return;
    part("token-result").textContent = "Asked…";
    this.#session.renewToken(token);
  }
}

function told(expiresAt) {
  if (expiresAt === null) return "It cannot be told when this token expires.";
  const leftS = Math.ceil(expiresAt - Date.now() / 1000);
  if (leftS <= 0) return "The token has expired: give a new one to publish or to log in again.";
  return `Token expires in ${duration(leftS)}.`;
}

/** Seconds for the last ten minutes, coarser before. */
function duration(seconds) {
  if (seconds < 600) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
