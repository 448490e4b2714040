// The page, wired together: form, session, media, microphone, talk key and lists.

import { EventLog } from "./event_log.js";
import * as form from "./join_form.js";
import { Media, RECEIVE_SLOTS } from "./media.js";
import { Microphone, MicrophoneProblem, microphones, withheld } from "./microphone.js";
import { Session } from "./session.js";
import { connectionFigures, StreamList } from "./stream_list.js";
import { TalkKey } from "./talk.js";
import { TokenPanel } from "./token_panel.js";

const LEVEL_MS = 100;
const FIGURES_MS = 1_000;
const KICKED_BY_OTHER = 1002050;
const CONNECTION_BROKE = "The connection broke";
const TOKEN_ENDS = "The token expires soon";

const STATE_TEXTS = {
  OUT: "Not in a room",
  CONNECTING: "Connecting…",
  LOGGING_IN: "Logging in…",
  WAITING: "No connection, trying again…",
  IN: "In room",
};

const part = (id) => document.getElementById(id);

const log = new EventLog(part("log"));
const media = new Media({ onState: (isUp) => session.mediaChanged(isUp) });
const session = new Session({
  url: socketUrl(),
  media,
  receiveSlots: RECEIVE_SLOTS,
  tell: (event, facts) => told(event, facts),
});
const microphone = new Microphone({ onChange: () => microphoneChanged() });
const streams = new StreamList(part("stream-list"), { session, media });
const tokenPanel = new TokenPanel(session, (code) => log.named(code));
const talkKey = new TalkKey(part("talk-button"), () => showTalk());
let streamId = "";
let room = "";

form.restore();
connectElements();
log.learnNames();
tellWhatIsWithheld();
setInterval(showLevels, LEVEL_MS);
setInterval(showFigures, FIGURES_MS);
show();

function socketUrl() {
  const url = new URL("ws", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = url.hash = "";
  return url.href;
}

function connectElements() {
  part("join-form").addEventListener("submit", (event) => {
    event.preventDefault();
    join();
  });
  part("leave").addEventListener("click", () => session.logout());
  part("publish").addEventListener("click", () => (session.own.publication ? session.unpublish() : publish()));
  part("microphone-open").addEventListener("click", () => openMicrophone());
  part("microphone-choice").addEventListener("change", (event) => openMicrophone(event.target.value));
  part("latch").addEventListener("change", (event) => {
    talkKey.release();
    talkKey.latch = event.target.checked;
    showTalk();
  });
  part("alert-close").addEventListener("click", hideAlert);
  part("clear-log").addEventListener("click", () => log.clear());
  navigator.mediaDevices?.addEventListener("devicechange", listMicrophones);
  addEventListener("online", () => session.wake());
  // Or the others would see a ghost until the heartbeat timeout.
  addEventListener("pagehide", () => session.logout());
  document.addEventListener("visibilitychange", () => document.hidden || session.wake());
}

// Joining

async function join() {
  hideAlert();
  const chosen = form.read();
  const wrong = form.mistake(chosen.login);
  if (wrong) {
    showAlert("Not joined", wrong);
    return;
  }
  streamId = chosen.streamId;
  room = chosen.login.roomId;
  media.allowSound();
  session.login(chosen.login);
  await openMicrophone();
  if (chosen.publishAtOnce && microphone.track && session.state !== "OUT") publish();
}

function publish() {
  if (!microphone.track) {
    openMicrophone().then(() => microphone.track && publish());
  } else if (session.state !== "OUT" && !session.own.publication) {
    session.publish(streamId);
  }
}

/** Before anybody waits in vain to be asked for the microphone. */
function tellWhatIsWithheld() {
  const problem = withheld();
  if (problem) showAlert(problem.message, problem.how);
}

async function openMicrophone(deviceId = "") {
  try {
    await microphone.open(deviceId);
  } catch (problem) {
    if (!(problem instanceof MicrophoneProblem)) throw problem;
    log.add("microphone", { message: problem.message });
    showAlert(problem.message, problem.how);
  }
  if (session.state === "OUT") microphone.close(); // left meanwhile
  await microphoneChanged();
}

async function microphoneChanged() {
  await media.useTrack(microphone.track);
  await listMicrophones();
  show();
}

async function listMicrophones() {
  const choice = part("microphone-choice");
  const found = await microphones();
  if (!found.length) found.push({ id: "", label: "None" });
  choice.replaceChildren(...found.map(({ id, label }) => new Option(label, id)));
  choice.value = microphone.deviceId;
  choice.disabled = !microphone.track;
}

// What happened

function told(event, facts) {
  log.add(event, facts);
  if (event === "room_state_changed") roomChanged(facts);
  if (event === "room_stream_update") streamsChanged(facts.update);
  if (event === "room_token_will_expire") {
    tokenPanel.willExpireIn(facts.remaining_s);
    showAlert(TOKEN_ENDS, `It is good for ${facts.remaining_s} s more. Give a new one under “Token”.`);
  }
  if (event === "token_renewed") {
    tokenPanel.renewed(facts.code, facts.message);
    if (!facts.code) endAlert(TOKEN_ENDS);
  }
  if (event === "error") showAlert("Refused", facts.message, facts.code);
  if (event === "publisher_state_update" && facts.state === "NO_PUBLISH" && facts.code) {
    showAlert("Not published", "Look at the event below, then press “Publish”.", facts.code);
  }
  // A session that tells is in the midst of a change; show what comes of it.
  queueMicrotask(show);
}

function roomChanged({ reason, code, message }) {
  switch (reason) {
    case "RECONNECTED":
      endAlert(CONNECTION_BROKE);
      break;
    case "LOGIN_FAILED":
    case "RECONNECT_FAILED":
      showAlert("Not in the room", message || "The server could not be reached.", code);
      break;
    case "RECONNECTING":
      showAlert(CONNECTION_BROKE, "Trying again by itself. The sound goes on as long as its own way holds.", code);
      break;
    case "KICK_OUT":
      showAlert("Put out of the room", kickText(code, message), code);
      break;
    default:
  }
  if (["LOGIN_FAILED", "RECONNECT_FAILED", "KICK_OUT", "LOGOUT"].includes(reason)) {
    talkKey.release();
    microphone.close();
    microphoneChanged();
  }
}

function kickText(code, message) {
  if (code !== KICKED_BY_OTHER) return message;
  return "The same UserID logged in elsewhere. Take another UserID to be here as well.";
}

/** Free the slots of streams that went; play those that came, if all are to be played. */
function streamsChanged(update) {
  const { streams, own } = session;
  if (update === "DELETE") {
    for (const id of [...own.plays.keys()].filter((each) => !streams.has(each))) session.stop(id);
  } else if (form.playsAll()) {
    for (const id of streams.keys()) session.play(id);
  }
}

// Showing

function show() {
  const isOut = session.state === "OUT";
  const state = part("state");
  const text = session.isIn ? `In room ${room}` : STATE_TEXTS[session.state];
  if (state.textContent !== text) state.textContent = text;
  state.dataset.state = session.state;
  part("join").hidden = !isOut;
  part("leave").hidden = isOut;
  for (const id of ["talk", "microphone", "streams", "users"]) part(id).hidden = isOut;
  document.body.classList.toggle("in-room", !isOut);
  part("microphone-open").hidden = microphone.isLive;
  streams.refresh();
  tokenPanel.refresh();
  showUsers();
  showPublishing();
  showTalk();
}

function showUsers() {
  const items = [...session.users.values()].map((user) => {
    const item = document.createElement("li");
    item.textContent = user.user_name ? `${user.user_name} (${user.user_id})` : user.user_id;
    return item;
  });
  part("user-list").replaceChildren(...items);
  part("no-users").hidden = items.length > 0;
}

function showPublishing() {
  const publication = session.own.publication;
  const texts = ["Not published", "Publishing…", `Published as ${publication?.streamId}`];
  setText(part("publish-told"), texts[publication?.state ?? 0]);
  part("publish").textContent = publication ? "Stop publishing" : "Publish";
}

function showTalk() {
  const publication = session.own.publication;
  const isReady = publication?.state === 2 && microphone.isLive;
  const button = part("talk-button");
  if (!isReady && talkKey.isTalking) talkKey.release(); // comes back here
  button.disabled = !isReady;
  const isTalking = isReady && talkKey.isTalking;
  microphone.gate(isTalking);
  session.tellMicrophone(isTalking);
  const isHeard = isTalking && publication.listeners > 0;
  button.setAttribute("aria-pressed", String(isTalking));
  part("talk-light").dataset.light = isHeard ? "solid" : isTalking ? "waiting" : "off";
  setText(part("talk-label"), talkLabel(isTalking));
  setText(part("talk-told"), talkText(publication, { isReady, isTalking }));
}

function talkLabel(isTalking) {
  if (!talkKey.latch) return isTalking ? "Talking" : "Hold to talk";
  return isTalking ? "Talking: tap to end" : "Tap to talk";
}

function talkText(publication, { isReady, isTalking }) {
  if (!microphone.track) return "No microphone: you can listen only.";
  if (!publication) return "Press “Publish” to talk.";
  if (!isReady) return microphone.isLive ? "Not connected yet." : "The microphone is silenced by the system.";
  const { listeners } = publication;
  if (!isTalking) return listeners ? `${people(listeners)} would hear you.` : "Nobody would hear you yet.";
  return listeners ? `On air: ${people(listeners)} can hear you.` : "You talk, but nobody can hear you yet.";
}

const people = (count) => (count === 1 ? "1 user" : `${count} users`);

function showLevels() {
  if (document.hidden || session.state === "OUT") return;
  part("microphone-meter").value = microphone.levelDb() ?? -60;
  streams.showLevels();
}

async function showFigures() {
  if (document.hidden || session.state === "OUT") return;
  const figures = await media.figures();
  setText(part("figures"), connectionFigures(figures));
  streams.showFigures(figures);
}

function showAlert(what, how, code = 0) {
  setText(part("alert-what"), what);
  setText(part("alert-how"), how);
  setText(part("alert-code"), code ? log.named(code) : "");
  part("alert").hidden = false;
}

/** What was told is over; anything told since stays. */
function endAlert(what) {
  if (part("alert-what").textContent === what) hideAlert();
}

function hideAlert() {
  part("alert").hidden = true;
}

/** Leave an unchanged text alone: screen readers read out every change. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
