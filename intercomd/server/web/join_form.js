// The form: what it holds, what it remembers (never a secret), and what is wrong in it.

import { canProve } from "./proof.js";

const REMEMBERED = ["app-id", "room-id", "user-id", "user-name", "stream-id"];
const SWITCHES = ["publish-at-once", "play-all"];
const PREFILLED = { app: "app-id", room: "room-id", user: "user-id" };
const STORE = "intercom.form";

const field = (id) => document.getElementById(id);

/** Fill in what was typed last time, and over it what the address says (?room=…). */
export function restore() {
  const kept = remembered();
  for (const id of REMEMBERED) if (kept[id]) field(id).value = kept[id];
  for (const id of SWITCHES) if (id in kept) field(id).checked = kept[id];
  const asked = new URLSearchParams(location.search);
  for (const [name, id] of Object.entries(PREFILLED)) {
    if (asked.get(name)) field(id).value = asked.get(name);
  }
  if (!canProve()) {
    field("app-sign").disabled = true;
    field("app-sign-hint").textContent =
      "The browser computes no proof without https: open this page with https://, or use a token.";
  }
}

/** The login as `Session.login` wants it, and what else was chosen. */
export function read() {
  remember();
  const text = (id) => field(id).value.trim();
  const roomId = text("room-id");
  const userId = text("user-id");
  return {
    login: {
      appId: Number(text("app-id")),
      roomId,
      userId,
      userName: text("user-name"),
      token: text("token"),
      appSign: field("app-sign-details").open ? text("app-sign") : "",
    },
    // As stations name theirs: an underscore for what no stream ID may hold.
    streamId: text("stream-id") || `${roomId}-${userId}`.replace(/[^0-9A-Za-z_-]/g, "_"),
    publishAtOnce: field("publish-at-once").checked,
  };
}

/** What keeps this login from being sent, for people; empty if nothing does. */
export function mistake({ token, appSign }) {
  if (appSign && !/^[0-9A-Fa-f]{64}$/.test(appSign)) {
    return `The AppSign is 64 hexadecimal digits, and this has ${appSign.length} characters.`;
  }
  if (!appSign && !token) return "Give a token, or open “AppSign instead” and give that.";
  return "";
}

export const playsAll = () => field("play-all").checked;

// Where the browser blocks what sites store, to touch localStorage throws.

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}");
  } catch {
    return {};
  }
}

function remember() {
  const kept = {};
  for (const id of REMEMBERED) kept[id] = field(id).value.trim();
  for (const id of SWITCHES) kept[id] = field(id).checked;
  try {
    localStorage.setItem(STORE, JSON.stringify(kept));
  } catch {
    // It is typed again next time.
  }
}
