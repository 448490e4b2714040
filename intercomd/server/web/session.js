// A client of docs/protocol.md: one login, kept through losses of its connection, and
// what is wanted asked for again where the server does not know it any more. It knows
// no element of the page and no peer connection.

import { Backoff } from "./backoff.js";
import { Connection } from "./connection.js";
import { proof } from "./proof.js";
import { Roster } from "./roster.js";
import { OwnStreams } from "./streams.js";

const MEDIA_MS = 8_000;
const STABLE_MS = 5_000;
const GIVE_UP_MS = 20 * 60_000;
const FINAL_CLOSES = new Set([1000, 4000, 4001, 4003]);
const SLOWER_CLOSES = new Set([4004, 4005]);
const SLOWER = 10;

const CONNECTION_BROKEN = 1002051;
const RETRY_TIMEOUT = 1002053;
const TOO_MANY_LOGINS = 1002072;
const NOT_UNDERSTOOD = 2000001;

const EVENT_NAMES = {
  online_user_count: "room_online_user_count_update",
  token_will_expire: "room_token_will_expire",
  mic_state_update: "remote_mic_state_update",
  stream_extra_info: "room_stream_extra_info_update",
  room_extra_info: "room_extra_info_update",
  broadcast_messages: "im_recv_broadcast_message",
  barrage_messages: "im_recv_barrage_message",
  custom_command: "im_recv_custom_command",
};

const MICROPHONE_OPEN = 0;
const MICROPHONE_MUTED = 10;

export class Session {
  state = "OUT"; // OUT, CONNECTING, LOGGING_IN, IN, WAITING
  #connection;
  #media;
  #tell;
  #roster;
  #login = null;
  #newestToken = "";
  #resumeKey = "";
  #arriving = null;
  #wasIn = false;
  #inSince = 0;
  #mediaUp = false;
  #requests = new Map();
  #lastId = 0;
  #microphone = MICROPHONE_MUTED;
  #giveUpAt = 0;
  #backoff = new Backoff(0.25, 1);
  #mediaBackoff = new Backoff(0.25, 5);
  #attempts = 0;
  #retryTimer = 0;
  #mediaTimer = 0;

  /**
   * `media` has open() → a promise of an offer, accept(sdp) and close().
   * `tell(event, facts)` is called for everything that happens; `facts.code` is a code
   * of docs/protocol.md, 0 for success.
   */
  constructor({ url, media, receiveSlots, tell }) {
    this.#connection = new Connection({
      url,
      onMessage: (message) => this.#receive(message),
      onLost: (code) => this.#closed(code),
    });
    this.#media = media;
    this.#tell = tell;
    this.#roster = new Roster(tell);
    this.own = new OwnStreams(receiveSlots, tell);
  }

  get isIn() {
    return this.state === "IN";
  }

  get users() {
    return this.#roster.users;
  }

  get streams() {
    return this.#roster.streams;
  }

  /** The token that counts; empty where there is none. */
  get token() {
    return this.#login?.token ?? "";
  }

  // Wishes

  /** `login`: appId, roomId, userId, userName, and token or appSign, or both. */
  login(login) {
    this.#login = { ...login };
    this.#newestToken = login.token;
    this.#resumeKey = "";
    this.#wasIn = false;
    this.#giveUpAt = Date.now() + GIVE_UP_MS;
    this.#attempts = 0;
    this.#backoff.reset();
    this.#tellRoom("LOGINING");
    this.#connect();
  }

  logout() {
    if (!this.#login) return;
    if (this.isIn) this.#request({ type: "logout" });
    this.#leave("LOGOUT", 0);
  }

  /** Let this token count from now on; told by `token_renewed` with its code. */
  renewToken(token) {
    if (!this.#login) return;
    this.#newestToken = token;
    if (this.isIn) this.#request({ type: "renew_token", token });
    else this.#tell("token_renewed", { code: 0, message: "It goes with the next login." });
  }

  publish(streamId) {
    this.own.publish(streamId);
    this.#askPublish();
  }

  unpublish() {
    const publication = this.own.publication;
    if (!publication) return;
    this.#forget((request) => request.type === "publish");
    this.own.unpublish();
    if (this.isIn) this.#request({ type: "unpublish", stream_id: publication.streamId });
  }

  /** Tell who plays our stream whether the microphone behind it is open. */
  tellMicrophone(isOpen) {
    const publication = this.own.publication;
    this.#microphone = isOpen ? MICROPHONE_OPEN : MICROPHONE_MUTED;
    if (!this.isIn || !publication?.accepted || publication.microphone === this.#microphone) return;
    this.#askMicrophone(publication);
  }

  play(streamId) {
    if (this.own.plays.has(streamId)) return;
    this.#askPlay(this.own.play(streamId));
  }

  stop(streamId) {
    if (!this.own.plays.has(streamId)) return;
    this.#forget((request) => request.type === "play" && request.stream_id === streamId);
    this.own.stop(streamId);
    if (this.isIn) this.#request({ type: "stop", stream_id: streamId });
  }

  /** The network may be back, or the page is looked at again: do not wait any longer. */
  wake() {
    if (this.state === "WAITING") this.#connect();
  }

  /** The media connection came up, or is lost. */
  mediaChanged(isUp) {
    if (this.state === "OUT") return;
    clearTimeout(this.#mediaTimer);
    if (isUp) this.#mediaBackoff.reset();
    else if (this.isIn) this.#openMediaIn(this.#mediaBackoff.nextMs());
    if (isUp !== this.#mediaUp) this.#tell("media_state", { state: isUp ? "UP" : "LOST", code: 0 });
    this.#mediaUp = isUp;
    this.own.settle(isUp);
  }

  // The connection

  #connect() {
    clearTimeout(this.#retryTimer);
    this.state = "CONNECTING";
    this.#connection.open();
  }

  #closed(closeCode) {
    if (FINAL_CLOSES.has(closeCode)) {
      // The error that says why came before; this is a server that said nothing.
      this.#leave(this.#failure, NOT_UNDERSTOOD, `closed by the server with ${closeCode}`);
      return;
    }
    if (this.isIn) {
      this.#giveUpAt = Date.now() + GIVE_UP_MS;
      if (Date.now() - this.#inSince >= STABLE_MS) this.#backoff.reset();
      this.#tellRoom("RECONNECTING", CONNECTION_BROKEN);
    }
    this.#waitToConnect(closeCode);
  }

  /** The media connection, and what the server confirmed, outlive the signalling. */
  #waitToConnect(closeCode) {
    this.state = "WAITING";
    const renewing = [...this.#requests.values()].some(({ type }) => type === "renew_token");
    this.#requests.clear();
    if (renewing) this.#tell("token_renewed", { code: 0, message: "It goes with the next login." });
    if (Date.now() >= this.#giveUpAt) {
      this.#leave(this.#failure, RETRY_TIMEOUT);
      return;
    }
    const waitMs = this.#backoff.nextMs() * (SLOWER_CLOSES.has(closeCode) ? SLOWER : 1);
    this.#attempts += 1;
    const next = `${Math.round(waitMs)} ms`;
    this.#tell("signalling", { state: "LOST", closed: closeCode, attempt: this.#attempts, next });
    this.#retryTimer = setTimeout(() => this.#connect(), waitMs);
  }

  get #failure() {
    return this.#wasIn ? "RECONNECT_FAILED" : "LOGIN_FAILED";
  }

  /** Be out of the room for good: the streams end first, then the room. */
  #leave(reason, code, message = "") {
    this.state = "OUT";
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#mediaTimer);
    this.#connection.drop();
    this.#requests.clear();
    this.own.end(code);
    this.#media.close();
    this.#mediaUp = false;
    this.#roster.clear();
    this.#tellRoom(reason, code, { message });
    this.#login = null;
  }

  // What the server says

  #receive(message) {
    switch (message.type) {
      case "hello":
        if (this.state === "CONNECTING") this.#sendLogin(message.nonce);
        break;
      case "logged_in":
        this.#gather(message);
        break;
      case "logged_in_more": {
        const { users = [], streams = [] } = this.#arriving;
        this.#gather({
          ...this.#arriving,
          users: [...users, ...(message.users ?? [])],
          streams: [...streams, ...(message.streams ?? [])],
          more: message.more,
        });
        break;
      }
      case "ok":
        this.#granted(this.#taken(message.id));
        break;
      case "answer":
        if (this.#taken(message.id)) this.#acceptMedia(message.sdp);
        break;
      case "error":
        this.#refused(message, this.#taken(message.id));
        break;
      case "user_update":
        this.#roster.updateUsers(message.users, message.update === 0);
        break;
      case "stream_update":
        this.#roster.updateStreams(message.streams, message.update === 0, message.reason);
        break;
      case "play_state":
        this.#playState(message);
        break;
      case "slot_bound":
        this.own.bind(message.slot, message.stream_id);
        this.#tell("slot_bound", { stream: message.stream_id, slot: message.slot });
        break;
      case "publish_ended":
        if (this.own.publication?.streamId === message.stream_id && this.own.publication.accepted) {
          this.own.unpublish(message.code);
        }
        break;
      case "play_ended":
        if (this.own.plays.get(message.stream_id)?.accepted) this.own.stop(message.stream_id, message.code);
        break;
      case "listeners":
        if (this.own.publication?.accepted) this.own.count(message.stream_id, message.count);
        break;
      case "kicked":
        this.#leave("KICK_OUT", message.code, message.message);
        break;
      default: // what only the log shows, or a newer server sends
        this.#tell(EVENT_NAMES[message.type] ?? message.type, plain(message));
    }
  }

  async #sendLogin(nonce) {
    const socket = this.#connection.current;
    const { appId, roomId, userId, userName, appSign } = this.#login;
    this.state = "LOGGING_IN";
    const shown = appSign ? await proof(appSign, { nonce, appId, roomId, userId }) : "";
    if (socket !== this.#connection.current) return;
    this.#request({
      type: "login",
      app_id: appId,
      room_id: roomId,
      user_id: userId,
      user_name: userName,
      is_user_status_notify: true,
      proof: shown,
      token: this.#newestToken,
      resume_key: this.#resumeKey,
    });
  }

  /** The lists of a large room come in several messages: wait for the last. */
  #gather(message) {
    this.#arriving = message;
    if (message.more) return;
    this.#requests.delete(message.id);
    this.#loggedIn(message);
  }

  #loggedIn({ room_session_id: session, users = [], streams = [], resume_key: key = "", ...reply }) {
    const isBack = this.#wasIn;
    this.#wasIn = true;
    this.state = "IN";
    this.#inSince = Date.now();
    this.#attempts = 0;
    this.#resumeKey = key;
    this.#login.token = this.#newestToken;
    this.#mediaBackoff.reset();
    const isResumed = reply.resumed ?? false;
    this.#tellRoom(isBack ? "RECONNECTED" : "LOGINED", 0, { session, resumed: isResumed });
    if (isResumed) this.#reconcile(reply);
    else this.#beginAnew();
    if (!this.#mediaUp) this.#openMediaIn(0);
    if (this.own.publication && !this.own.publication.accepted) this.#askPublish();
    for (const play of this.own.plays.values()) if (!play.accepted) this.#askPlay(play);
    this.#roster.renew(users, streams);
  }

  /** The server kept the session: ask only for what was wished otherwise meanwhile. */
  #reconcile({ published = [], played = [] }) {
    const { unpublished, unplayed } = this.own.resume(published, played);
    for (const streamId of unpublished) this.#request({ type: "unpublish", stream_id: streamId });
    for (const streamId of unplayed) this.#request({ type: "stop", stream_id: streamId });
    if (this.own.publication?.accepted) this.#askMicrophone(this.own.publication);
    this.own.settle(this.#mediaUp);
  }

  /** The server knows nothing of before, and what was up belonged to that. */
  #beginAnew() {
    this.#media.close();
    this.#mediaUp = false;
    this.own.forgetConfirmations();
    this.own.settle(false);
  }

  #granted(request) {
    const publication = this.own.publication;
    if (request?.type === "publish" && publication) {
      publication.accepted = true;
      this.own.settle(this.#mediaUp);
    } else if (request?.type === "play" && this.own.plays.has(request.stream_id)) {
      this.own.plays.get(request.stream_id).accepted = true;
    } else if (request?.type === "renew_token") {
      this.#login.token = request.token;
      this.#tell("token_renewed", { code: 0 });
    }
  }

  #refused({ code, message }, request) {
    switch (request?.type) {
      case "login":
        // With too many others: the close that follows is as a connection lost.
        if (code === TOO_MANY_LOGINS) this.#tell("error", { code, message });
        else this.#leave(this.#failure, code, message);
        break;
      case "publish":
        this.own.unpublish(code);
        this.#tell("error", { code, message });
        break;
      case "play":
        this.own.stop(request.stream_id, code);
        break;
      case "offer":
        this.#tell("error", { code, message });
        this.mediaChanged(false);
        break;
      case "renew_token": // the one before it still counts
        if (this.#newestToken === request.token) this.#newestToken = this.#login.token;
        this.#tell("token_renewed", { code, message });
        break;
      default:
        this.#tell("error", { code, message });
    }
  }

  #playState({ stream_id: streamId, playing, mic_state: state = MICROPHONE_OPEN }) {
    const play = this.own.plays.get(streamId);
    if (!play?.accepted) return; // of an earlier request
    play.forwarded = playing;
    this.own.settle(this.#mediaUp);
    if (playing && state) this.#tell(EVENT_NAMES.mic_state_update, { stream_id: streamId, state });
  }

  // Media

  #openMediaIn(delayMs) {
    clearTimeout(this.#mediaTimer);
    this.#mediaTimer = setTimeout(() => this.#openMedia(), delayMs);
  }

  async #openMedia() {
    if (!this.isIn) return; // the next login looks after it
    this.#openMediaIn(MEDIA_MS);
    this.#forget((request) => request.type === "offer");
    const socket = this.#connection.current;
    const sdp = await this.#media.open();
    if (sdp && socket === this.#connection.current && this.isIn) this.#request({ type: "offer", sdp });
  }

  async #acceptMedia(sdp) {
    try {
      await this.#media.accept(sdp);
    } catch (error) {
      this.#tell("error", { code: NOT_UNDERSTOOD, message: `the answer is not understood: ${error.message}` });
      this.mediaChanged(false);
    }
  }

  // Asking and telling

  #askPublish() {
    if (!this.isIn) return;
    const { streamId } = this.own.publication;
    this.own.publication.microphone = this.#microphone;
    this.#request({ type: "publish", stream_id: streamId, slot: 0, mic_state: this.#microphone });
  }

  #askMicrophone(publication) {
    publication.microphone = this.#microphone;
    this.#request({ type: "mic_state", stream_id: publication.streamId, state: this.#microphone });
  }

  #askPlay({ streamId, slot }) {
    if (this.isIn) this.#request({ type: "play", stream_id: streamId, slot });
  }

  #request(message) {
    this.#lastId = (this.#lastId % 0x7fffffff) + 1;
    const request = { ...message, id: this.#lastId };
    this.#requests.set(request.id, request);
    this.#connection.send(request);
  }

  #taken(id) {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    return request;
  }

  /** What is still answered to such requests concerns nobody any more. */
  #forget(isMoot) {
    for (const request of this.#requests.values()) {
      if (isMoot(request)) this.#requests.delete(request.id);
    }
  }

  #tellRoom(reason, code = 0, facts = {}) {
    this.#tell("room_state_changed", { room: this.#login.roomId, reason, code, ...facts });
  }
}

/** The fields of a message, without its type, each short enough for a line. */
function plain({ type, ...fields }) {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === "object" ? JSON.stringify(value) : value]),
  );
}
