// The live log: every event, its code with its name, newest first.

const LINES = 300;

export class EventLog {
  #list;
  #names = {};

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
    const line = document.createElement("li");
    line.append(
      part("time", new Date().toTimeString().slice(0, 8)),
      part("b", event),
      part("span", Object.entries(facts).map(([key, value]) => `${key}=${value}`).join(" ")),
    );
    if (code !== undefined) {
      line.append(part("code", this.named(code)));
      line.classList.toggle("bad", code !== 0);
    }
    if (message) line.append(part("q", message));
    this.#list.prepend(line);
    if (this.#list.children.length > LINES) this.#list.lastElementChild.remove();
  }

  clear() {
    this.#list.replaceChildren();
  }
}

function part(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
