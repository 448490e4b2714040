// The live log: every event, its code with its name, newest first.

const LINES = 300;

export class EventLog {
  #list;
  #names = {};
  #newest = "";

  constructor(list) {
    this.#list = list;
  }

  /** Learn the names of the codes from the server, which has the whole table. */
  async learnNames() {
    const reply = await fetch("codes.json");
    if (reply.ok) this.#names = await reply.json();
  }

  /** `1001005 APP_SIGN_INCORRECT`, or the number alone for a code nobody named. */
  named(code) {
    return `${code} ${this.#names[code] ?? ""}`.trim();
  }

  add(event, { code, message, ...facts }) {
    const parts = [
      part("time", new Date().toTimeString().slice(0, 8)),
      part("b", event),
      part("span", Object.entries(facts).map(([key, value]) => `${key}=${value}`).join(" ")),
    ];
    if (code !== undefined) parts.push(part("code", this.named(code)));
    if (message) parts.push(part("q", message));
    const line = document.createElement("li");
    line.append(...parts.flatMap((each) => [each, " "])); // readable when copied, too
    line.classList.toggle("bad", Boolean(code));
    // A row of attempts is one line: it must not push out what led to them.
    if (facts.attempt > 1 && this.#newest === event) this.#list.firstElementChild?.remove();
    this.#newest = event;
    this.#list.prepend(line);
    if (this.#list.children.length > LINES) this.#list.lastElementChild.remove();
  }

  clear() {
    this.#newest = "";
    this.#list.replaceChildren();
  }
}

function part(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
