// A client of docs/protocol.md: one WebSocket, kept through losses, and what is wanted
// of it asked for again. It knows no element of the page and no peer connection.

import { Backoff } from "./backoff.js";
import { proof } from "./proof.js";
import { OwnStreams } from "./streams.js";

const PROTOCOL = "intercom.v1";
const ANSWER_MS = 5_000;
const MEDIA_MS = 8_000;
const GIVE_UP_MS = 20 * 60_000;
const NORMAL = 1000;
const FINAL_CLOSES = new Set([1000, 4000, 4001, 4003]);
const SLOWER_CLOSES = new Set([4004, 4005]);
const SLOWER = 10;

const CONNECTION_BROKEN = 1002051;
const RETRY_TIMEOUT = 1002053;
const TOO_MANY_PLAYED = 1004010;
const NOT_UNDERSTOOD = 2000001;

const DELETE_REASONS = [
  "", "PUBLISHER_STOPPED", "HEARTBEAT_TIMEOUT", "LOGGED_IN_AGAIN", "KICKED", "DISCONNECTED",
  "REMOVED_BY_SERVER",
];

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
  users = new Map();
  streams = new Map();
  #url;
  #media;
  #tell;
  #socket = null;
  #login = null;
  #wasIn = false;
  #mediaUp = false;
  #requests = new Map();
  #lastId = 0;
  #microphone = MICROPHONE_MUTED;
  #heardAt = 0;
  #giveUpAt = 0;
  #backoff = new Backoff(0.25, 1.5);
  #mediaBackoff = new Backoff(0.25, 5);
  #timer = 0;
  #mediaTimer = 0;

  /**
   * `media` has open() → a promise of an offer, accept(sdp) and close().
   * `tell(event, facts)` is called for everything that happens; `facts.code` is a code
   * of docs/protocol.md, 0 for success.
   */
  constructor({ url, media, receiveSlots, tell }) {
    this.#url = url;
    this.#media = media;
    this.#tell = tell;
    this.own = new OwnStreams(receiveSlots, tell);
  }

  get isIn() {
    return this.state === "IN";
  }

  get isMediaUp() {
    return this.#mediaUp;
  }

  // Wishes

  /** `login`: appId, roomId, userId, userName, and either token or appSign. */
  login(login) {
    this.#login = login;
    this.#wasIn = false;
    this.#giveUpAt = Date.now() + GIVE_UP_MS;
    this.#backoff.reset();
    this.#tellRoom("LOGINING");
    this.#connect();
  }

  logout() {
    if (!this.#login) return;
    if (this.isIn) this.#request({ type: "logout" });
    this.#leave("LOGOUT", 0);
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
    publication.microphone = this.#microphone;
    this.#request({ type: "mic_state", stream_id: publication.streamId, state: this.#microphone });
  }

  play(streamId) {
    if (this.own.plays.has(streamId)) return;
    const play = this.own.play(streamId);
    if (play) this.#askPlay(play);
    else this.#tell("player_state_update", { stream: streamId, state: "NO_PLAY", code: TOO_MANY_PLAYED });
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
    if (!this.isIn) {
      this.#mediaUp = isUp;
      return;
    }
    if (isUp) {
      this.#mediaBackoff.reset();
      clearTimeout(this.#mediaTimer);
    } else {
      this.#openMediaIn(this.#mediaBackoff.nextMs());
    }
    if (isUp !== this.#mediaUp) this.#tell("media_state", { state: isUp ? "UP" : "LOST", code: 0 });
    this.#mediaUp = isUp;
    this.own.settle(isUp);
  }

  // The connection

  #connect() {
    this.state = "CONNECTING";
    this.#awaitAnswer();
    const socket = new WebSocket(this.#url, PROTOCOL);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    // An error is always followed by a close.
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#closed(code);
    };
  }

  #awaitAnswer() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(), ANSWER_MS);
  }

  #closed(code) {
    if (FINAL_CLOSES.has(code) && this.#login) {
      // The error that says why came before; this is a server that said nothing.
      this.#leave(this.#failure, NOT_UNDERSTOOD, `closed by the server with ${code}`);
    } else {
      this.#lose(SLOWER_CLOSES.has(code) ? SLOWER : 1);
    }
  }

  #lose(slower = 1) {
    if (this.state === "OUT" || this.state === "WAITING") return;
    this.#drop();
    if (this.isIn) {
      this.#giveUpAt = Date.now() + GIVE_UP_MS;
      this.#tellRoom("RECONNECTING", CONNECTION_BROKEN);
    }
    clearTimeout(this.#mediaTimer);
    this.#requests.clear();
    this.own.forgetConfirmations();
    this.own.settle(false);
    this.state = "WAITING";
    if (Date.now() >= this.#giveUpAt) this.#leave(this.#failure, RETRY_TIMEOUT);
    else this.#timer = setTimeout(() => this.#connect(), slower * this.#backoff.nextMs());
  }

  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL);
  }

  get #failure() {
    return this.#wasIn ? "RECONNECT_FAILED" : "LOGIN_FAILED";
  }

  /** Be out of the room for good: the streams end first, then the room. */
  #leave(reason, code, message = "") {
    this.state = "OUT";
    this.#drop();
    clearTimeout(this.#mediaTimer);
    this.#requests.clear();
    this.own.end(code);
    this.#media.close();
    this.#mediaUp = false;
    this.users.clear();
    this.streams.clear();
    this.#tellRoom(reason, code, { message });
    this.#login = null;
  }

  // What the server says

  #receive(data) {
    const message = JSON.parse(data);
    this.#heardAt = Date.now();
    switch (message.type) {
      case "hello":
        if (this.state === "CONNECTING") this.#sendLogin(message.nonce);
        break;
      case "logged_in":
        this.#requests.delete(message.id);
        this.#loggedIn(message);
        break;
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
        this.#updateUsers(message.users, message.update === 0);
        break;
      case "stream_update":
        this.#updateStreams(message.streams, message.update === 0, message.reason);
        break;
      case "play_state":
        this.#playState(message);
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
    const socket = this.#socket;
    const { appId, roomId, userId, userName, token, appSign } = this.#login;
    this.state = "LOGGING_IN";
    this.#awaitAnswer();
    const claim = appSign
      ? { proof: await proof(appSign, { nonce, appId, roomId, userId }) }
      : { token };
    if (socket !== this.#socket) return;
    this.#request({
      type: "login",
      app_id: appId,
      room_id: roomId,
      user_id: userId,
      user_name: userName,
      is_user_status_notify: true,
      ...claim,
    });
  }

  #loggedIn(message) {
    clearTimeout(this.#timer);
    this.state = "IN";
    this.#backoff.reset();
    this.#mediaBackoff.reset();
    const reason = this.#wasIn ? "RECONNECTED" : "LOGINED";
    this.#wasIn = true;
    this.#tellRoom(reason, 0, { session: message.room_session_id });
    this.#mediaUp = false; // what was up belonged to the earlier login
    this.#openMediaIn(0);
    this.#askAgain();
    this.#renew(message.users ?? [], message.streams ?? []);
  }

  /** Tell only what is different from before. */
  #renew(users, streams) {
    const gone = (known, now, key) => [...known.values()].filter((old) => !now.some((each) => each[key] === old[key]));
    const come = (known, now, key) => now.filter((each) => !known.has(each[key]));
    this.#updateStreams(gone(this.streams, streams, "stream_id"), false);
    this.#updateUsers(gone(this.users, users, "user_id"), false);
    this.#updateUsers(come(this.users, users, "user_id"), true);
    this.#updateStreams(come(this.streams, streams, "stream_id"), true);
  }

  /** Ask for everything that is wanted: the server does not know it any more. */
  #askAgain() {
    if (this.own.publication) this.#askPublish();
    for (const play of this.own.plays.values()) this.#askPlay(play);
  }

  #granted(request) {
    const publication = this.own.publication;
    if (request?.type === "publish" && publication) {
      publication.accepted = true;
      this.own.settle(this.#mediaUp);
    } else if (request?.type === "play" && this.own.plays.has(request.stream_id)) {
      this.own.plays.get(request.stream_id).accepted = true;
    }
  }

  #refused({ code, message }, request) {
    switch (request?.type) {
      case "login":
        this.#leave(this.#failure, code, message);
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
      default:
        this.#tell("error", { code, message });
    }
  }

  #updateUsers(users, came) {
    for (const user of users) {
      if (came) this.users.set(user.user_id, user);
      else this.users.delete(user.user_id);
    }
    const names = users.map((user) => user.user_id).join(", ");
    if (users.length) this.#tell("room_user_update", { update: came ? "ADD" : "DELETE", users: names });
  }

  #updateStreams(streams, came, reason = 0) {
    for (const stream of streams) {
      if (came) this.streams.set(stream.stream_id, stream);
      else this.streams.delete(stream.stream_id);
    }
    if (!streams.length) return;
    const facts = { update: came ? "ADD" : "DELETE", streams: streams.map((stream) => stream.stream_id).join(", ") };
    if (reason) facts.reason = `${reason} ${DELETE_REASONS[reason] ?? ""}`.trim();
    this.#tell("room_stream_update", facts);
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
    this.#openMediaIn(MEDIA_MS);
    this.#forget((request) => request.type === "offer");
    const socket = this.#socket;
    const sentAt = Date.now();
    const sdp = await this.#media.open();
    if (!sdp || socket !== this.#socket || !this.isIn) return;
    const id = this.#request({ type: "offer", sdp });
    // Browsers do not tell a page of pings: a server that is gone shows itself here.
    setTimeout(() => {
      if (this.#requests.has(id) && socket === this.#socket && this.#heardAt < sentAt) this.#lose();
    }, ANSWER_MS);
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

  #askPlay({ streamId, slot }) {
    if (this.isIn) this.#request({ type: "play", stream_id: streamId, slot });
  }

  #request(message) {
    this.#lastId = (this.#lastId % 0x7fffffff) + 1;
    const request = { ...message, id: this.#lastId };
    this.#requests.set(request.id, request);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
    return request.id;
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
