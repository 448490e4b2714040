// The streams of the others: play and stop, volume, level and quality, a row each.

const PERCENT = (share) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)} %`);
const MS = (ms) => (ms === null || ms === undefined ? "–" : `${Math.round(ms)} ms`);

const STATES = ["stopped", "waiting for sound", "playing"];

export class StreamList {
  #list;
  #session;
  #media;
  #rows = new Map();
  #volumes = new Map();

  constructor(list, { session, media }) {
    this.#list = list;
    this.#session = session;
    this.#media = media;
  }

  /** Show what there is now, and bring slots and volumes in line with it. */
  refresh() {
    const { streams, own } = this.#session;
    const ids = new Set([...streams.keys(), ...own.plays.keys()]);
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    for (const id of ids) {
      if (!this.#rows.has(id)) this.#rows.set(id, this.#newRow(id));
      this.#show(id, this.#rows.get(id));
    }
    this.#applyVolumes();
    document.getElementById("no-streams").hidden = ids.size > 0;
  }

  showLevels() {
    for (const [id, { meter }] of this.#rows) {
      const play = this.#session.own.plays.get(id);
      const level = play ? this.#media.level(play.slot) : 0;
      meter.value = 20 * Math.log10(level + 1e-6);
    }
  }

  showFigures(figures) {
    for (const [id, row] of this.#rows) {
      const play = this.#session.own.plays.get(id);
      const told = play && figures?.slots.get(play.slot);
      row.figures.textContent = told
        ? `loss ${PERCENT(told.loss)} · jitter ${MS(told.jitterMs)} · buffer ${MS(told.delayMs)} · `
          + `concealed ${PERCENT(told.concealed)} · level ${decibels(told.level)}`
        : "";
    }
  }

  #newRow(id) {
    const element = document.createElement("li");
    element.dataset.stream = id;
    element.innerHTML = `
      <div class="pair"><h3></h3><button type="button"></button></div>
      <p class="hint"></p>
      <meter min="-60" max="0" low="-50" high="-6" optimum="-20" value="-60"></meter>
      <label class="volume"><span>Volume</span> <input type="range" min="0" max="100" step="1" value="100"></label>
      <p class="figures"></p>`;
    const [name, button, hint, meter, volume, figures] = ["h3", "button", ".hint", "meter", "input", ".figures"]
      .map((selector) => element.querySelector(selector));
    meter.setAttribute("aria-label", `Level of ${id}`);
    volume.setAttribute("aria-label", `Volume of ${id}`);
    volume.value = this.#volumes.get(id) ?? 100;
    volume.addEventListener("input", () => {
      this.#volumes.set(id, Number(volume.value));
      this.#applyVolumes();
    });
    button.addEventListener("click", () => {
      if (this.#session.own.plays.has(id)) this.#session.stop(id);
      else this.#session.play(id);
    });
    this.#list.append(element);
    return { element, name, button, hint, meter, volume, figures };
  }

  #show(id, { element, name, button, hint }) {
    const stream = this.#session.streams.get(id);
    const play = this.#session.own.plays.get(id);
    const state = play ? Math.max(play.state, 1) : 0;
    name.textContent = stream ? stream.user.user_name || stream.user.user_id : "not published now";
    hint.textContent = `${id}, ${STATES[state]}`;
    button.textContent = play ? "Stop" : "Play";
    button.setAttribute("aria-label", `${play ? "Stop" : "Play"} ${id}`);
    element.dataset.state = ["NO_PLAY", "PLAY_REQUESTING", "PLAYING"][state];
  }

  #applyVolumes() {
    const heard = new Map([...this.#session.own.plays.values()].map((play) => [play.slot, play.streamId]));
    for (let slot = 0; slot < this.#media.slots; slot += 1) {
      const id = heard.get(slot);
      this.#media.setVolume(slot, id === undefined ? null : (this.#volumes.get(id) ?? 100) / 100);
    }
  }
}

/** What the server tells of the way there and back, in one line. */
export function connectionFigures(figures) {
  if (!figures) return "No media connection";
  return `Round trip ${MS(figures.rttMs)} · lost on the way out ${PERCENT(figures.sentLoss)}`;
}

function decibels(level) {
  return level ? `${Math.round(20 * Math.log10(level))} dB` : "–";
}
