// Who is in the room, and which streams of others there are, as the server told it.

const DELETE_REASONS = [
  "", "PUBLISHER_STOPPED", "HEARTBEAT_TIMEOUT", "LOGGED_IN_AGAIN", "KICKED", "DISCONNECTED",
  "REMOVED_BY_SERVER",
];

export class Roster {
  users = new Map();
  streams = new Map();
  #tell;

  constructor(tell) {
    this.#tell = tell;
  }

  clear() {
    this.users.clear();
    this.streams.clear();
  }

  /** The whole lists, after a login: tell only what is different from before. */
  renew(users, streams) {
    this.updateStreams(gone(this.streams, streams, "stream_id"), false);
    this.updateUsers(gone(this.users, users, "user_id"), false);
    this.updateUsers(users.filter((each) => !this.users.has(each.user_id)), true);
    this.updateStreams(streams.filter((each) => !this.streams.has(each.stream_id)), true);
  }

  updateUsers(users, came) {
    for (const user of users) {
      if (came) this.users.set(user.user_id, user);
      else this.users.delete(user.user_id);
    }
    const names = users.map((user) => user.user_id).join(", ");
    if (users.length) this.#tell("room_user_update", { update: came ? "ADD" : "DELETE", users: names });
  }

  updateStreams(streams, came, reason = 0) {
    for (const stream of streams) {
      if (came) this.streams.set(stream.stream_id, stream);
      else this.streams.delete(stream.stream_id);
    }
    if (!streams.length) return;
    const facts = { update: came ? "ADD" : "DELETE", streams: streams.map((stream) => stream.stream_id).join(", ") };
    if (reason) facts.reason = `${reason} ${DELETE_REASONS[reason] ?? ""}`.trim();
    this.#tell("room_stream_update", facts);
  }
}

const gone = (known, now, key) => [...known.values()].filter((old) => !now.some((each) => each[key] === old[key]));
