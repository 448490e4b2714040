// How long to wait before the next attempt: doubled, capped, and shortened by chance,
// so that not all clients come back to a restarted server at once (docs/protocol.md).

export class Backoff {
  #attempts = 0;

  constructor(firstS, capS) {
    this.firstS = firstS;
    this.capS = capS;
  }

  /** The wait before the next attempt, in milliseconds. */
  nextMs() {
    const fullS = Math.min(this.firstS * 2 ** Math.min(this.#attempts, 30), this.capS);
    this.#attempts += 1;
    return 1000 * fullS * (0.5 + 0.5 * Math.random());
  }

  reset() {
    this.#attempts = 0;
  }
}
