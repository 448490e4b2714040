// What this page publishes and plays: what is wanted, and what the server confirmed.
// States are derived: PUBLISHING and PLAYING need the server's word and the media both.

const PUBLISHER = ["NO_PUBLISH", "PUBLISH_REQUESTING", "PUBLISHING"];
const PLAYER = ["NO_PLAY", "PLAY_REQUESTING", "PLAYING"];
const PUBLISH_INTERRUPTED = 1003020;
const PLAY_INTERRUPTED = 1004020;

export class OwnStreams {
  publication = null;
  plays = new Map();
  #free;
  #tell;

  constructor(receiveSlots, tell) {
    this.#free = Array.from({ length: receiveSlots }, (_, slot) => slot);
    this.#tell = tell;
  }

  publish(streamId) {
    this.publication = { streamId, accepted: false, listeners: 0, state: 0 };
    this.#publisher(this.publication, 1);
  }

  unpublish(code = 0) {
    const publication = this.publication;
    if (!publication) return;
    this.count(publication.streamId, 0);
    this.publication = null;
    this.#publisher(publication, 0, code);
  }

  /** Want a stream; behind others that wait it has no slot until the server binds one. */
  play(streamId) {
    const isCrowded = [...this.plays.values()].some(({ slot }) => slot === null);
    // The slot free longest: late packets of its last stream are gone by now.
    const slot = isCrowded ? null : (this.#free.shift() ?? null);
    const play = { streamId, slot, accepted: false, forwarded: false, state: 0 };
    this.plays.set(streamId, play);
    this.#player(play, 1);
    return play;
  }

  stop(streamId, code = 0) {
    const play = this.plays.get(streamId);
    if (!play) return;
    this.plays.delete(streamId);
    this.#vacate(play);
    this.#player(play, 0, code);
  }

  /** The server says what a slot carries; who was in it waits. */
  bind(slot, streamId) {
    for (const other of this.plays.values()) {
      if (other.slot === slot && other.streamId !== streamId) this.#vacate(other);
    }
    const play = this.plays.get(streamId);
    if (!play?.accepted) return; // of an earlier play
    if (play.slot !== slot) this.#vacate(play);
    this.#take(play, slot);
  }

  /** The room is over: want nothing any more. */
  end(code) {
    this.unpublish(code);
    for (const streamId of [...this.plays.keys()]) this.stop(streamId, code);
  }

  /**
   * The server kept these of ours while we were away. Returns what it keeps that is not
   * wished any more, or not so: { unpublished, unplayed }, lists of stream IDs.
   */
  resume(published, played) {
    const publication = this.publication;
    if (publication) publication.accepted = published.includes(publication.streamId);
    const kept = new Map(played.map((entry) => [entry.stream_id, entry]));
    const wished = new Map([...this.plays.values()].map((play) => [play, play.slot]));
    for (const play of this.plays.values()) {
      play.accepted = kept.has(play.streamId);
      play.forwarded = play.accepted && kept.get(play.streamId).playing;
      this.#vacate(play);
    }
    for (const play of this.plays.values()) {
      if (play.accepted) this.#take(play, kept.get(play.streamId).slot);
    }
    for (const [play, slot] of wished) if (!play.accepted) this.#take(play, slot);
    return {
      unpublished: published.filter((streamId) => streamId !== publication?.streamId),
      unplayed: [...kept.keys()].filter((streamId) => !this.plays.has(streamId)),
    };
  }

  /** The session is gone: what the server said does not count any more. */
  forgetConfirmations() {
    if (this.publication) {
      this.publication.accepted = false;
      this.count(this.publication.streamId, 0);
    }
    for (const play of this.plays.values()) play.accepted = play.forwarded = false;
  }

  count(streamId, listeners) {
    const publication = this.publication;
    if (publication?.streamId !== streamId || publication.listeners === listeners) return;
    publication.listeners = listeners;
    this.#tell("publisher_listeners_update", { stream: streamId, listeners });
  }

  /** Tell each state that changed by what was confirmed, once. */
  settle(mediaUp) {
    const publication = this.publication;
    if (publication?.accepted && mediaUp) this.#publisher(publication, 2);
    else if (publication?.state === 2) this.#publisher(publication, 1, PUBLISH_INTERRUPTED);
    for (const play of this.plays.values()) {
      if (play.forwarded && mediaUp) this.#player(play, 2);
      else if (play.state === 2) this.#player(play, 1, PLAY_INTERRUPTED);
    }
  }

  #vacate(play) {
    if (play.slot !== null) this.#free.push(play.slot);
    play.slot = null;
  }

  #take(play, slot) {
    const at = this.#free.indexOf(slot);
    if (at < 0) return;
    this.#free.splice(at, 1);
    play.slot = slot;
  }

  #publisher(publication, state, code = 0) {
    if (publication.state === state) return;
    publication.state = state;
    this.#tell("publisher_state_update", { stream: publication.streamId, state: PUBLISHER[state], code });
  }

  #player(play, state, code = 0) {
    if (play.state === state) return;
    play.state = state;
    this.#tell("player_state_update", { stream: play.streamId, state: PLAYER[state], code });
  }
}
