// Push-to-talk: a big button, held by finger, mouse or space bar. Whatever lets go,
// wherever, stops it. With the latch, a press begins and the next one ends.

const TYPING = "input, textarea, select, summary, a, [contenteditable]";
const CLICKED = "button, input[type=range], input[type=checkbox]";

export class TalkKey {
  #button;
  #onChange;
  #held = new Set(); // "space" and pointer IDs
  #isLatched = false;
  latch = false;

  /** `onChange(isTalking)` is called at each change. */
  constructor(button, onChange) {
    this.#button = button;
    this.#onChange = onChange;
    this.#listenToPointers();
    this.#listenToKeys();
    this.#listenToClicks();
    this.#listenToThePage();
  }

  get isTalking() {
    return this.#isLatched || this.#held.size > 0;
  }

  /** Stop, whatever is held: also for a latch that is taken off. */
  release() {
    this.#change(() => {
      this.#held.clear();
      this.#isLatched = false;
    });
  }

  #press(holder) {
    if (this.#button.disabled) return;
    this.#change(() => {
      if (this.latch) this.#isLatched = !this.#isLatched;
      else this.#held.add(holder);
    });
  }

  #letGo(holder) {
    this.#change(() => this.#held.delete(holder));
  }

  #change(apply) {
    const before = this.isTalking;
    apply();
    if (this.isTalking !== before) this.#onChange(this.isTalking);
  }

  #listenToPointers() {
    const button = this.#button;
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault(); // no text selection, no long-press menu
      button.focus({ preventScroll: true });
      // So that the release comes to us from wherever the finger has slid to.
      button.setPointerCapture(event.pointerId);
      this.#press(event.pointerId);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      button.addEventListener(end, (event) => this.#letGo(event.pointerId));
    }
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("click", (event) => {
      // A screen reader or Enter: a click that nobody holds. It is a latch then.
      if (event.detail === 0 && !button.disabled) {
        this.#change(() => {
          this.#isLatched = !this.isTalking;
          this.#held.clear();
        });
      }
    });
  }

  #listenToKeys() {
    addEventListener("keydown", (event) => {
      if (!this.#isOurs(event)) return;
      event.preventDefault(); // neither scrolling nor a click
      if (!event.repeat) this.#press("space");
    });
    addEventListener("keyup", (event) => {
      if (event.code !== "Space") return;
      if (this.#isOurs(event)) event.preventDefault();
      this.#letGo("space");
    });
  }

  /** Who clicked a button goes on talking by the space bar; Tab still leads to it. */
  #listenToClicks() {
    addEventListener("click", ({ detail, target }) => {
      if (detail > 0) target.closest(CLICKED)?.blur();
    });
  }

  #isOurs(event) {
    if (event.code !== "Space" || event.ctrlKey || event.altKey || event.metaKey) return false;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target === this.#button) return true;
    return !target.closest(TYPING) && !target.closest("button") && !this.#button.disabled;
  }

  #listenToThePage() {
    addEventListener("blur", () => this.#change(() => this.#held.clear()));
    addEventListener("pagehide", () => this.release());
    document.addEventListener("visibilitychange", () => document.hidden && this.release());
  }
}
