// One WebSocket to the room server. Browsers tell a page nothing of pings, so a server
// that is gone without a word shows itself by silence. It knows no message.

const PROTOCOL = "intercom.v1";
const ANSWER_MS = 5_000;
const SILENCE_MS = 40_000; // the server says something every 30 s, see docs/protocol.md
const NORMAL = 1000;
const NO_WORD = 1006;

export class Connection {
  #url;
  #onMessage;
  #onLost;
  #socket = null;
  #timer = 0;
  #isAnswerDue = false;

  /** `onMessage(message)` for each; `onLost(code)` once, unless it was dropped before. */
  constructor({ url, onMessage, onLost }) {
    this.#url = url;
    this.#onMessage = onMessage;
    this.#onLost = onLost;
  }

  /** Which of the sockets this is by now: what belongs to an earlier one is moot. */
  get current() {
    return this.#socket;
  }

  open() {
    this.drop();
    const socket = new WebSocket(this.#url, PROTOCOL);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    // An error is always followed by a close.
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#lose(code);
    };
    this.#expectWithin(ANSWER_MS);
  }

  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify(message));
    if (this.#isAnswerDue) return;
    this.#isAnswerDue = true;
    this.#expectWithin(ANSWER_MS);
  }

  /** Close it, and hear no more of it. */
  drop() {
    clearTimeout(this.#timer);
    this.#isAnswerDue = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL);
  }

  #receive(data) {
    this.#isAnswerDue = false;
    this.#expectWithin(SILENCE_MS);
    this.#onMessage(JSON.parse(data));
  }

  #expectWithin(patienceMs) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(NO_WORD), patienceMs);
  }

  #lose(code) {
    this.drop();
    this.#onLost(code);
  }
}
