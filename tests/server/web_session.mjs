// The page's Session with a server that turns every login away. argv: the session's
// module, the code of its error and that of its close. Says what the session told.

const [, , path, code, closeCode] = process.argv;
const told = [];
const sockets = [];

globalThis.WebSocket = class {
  static OPEN = 1;
  readyState = 1;
  constructor() {
    sockets.push(this);
    setTimeout(() => this.hear({ type: "hello", nonce: "0" }));
  }
  hear(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }
  send(text) {
    const { id } = JSON.parse(text);
    setTimeout(() => {
      this.hear({ type: "error", id, code: Number(code), message: "turned away" });
      this.onclose?.({ code: Number(closeCode) });
      console.log(JSON.stringify({ state: session.state, told }));
      process.exit(0);
    });
  }
  close() {
    this.onclose = this.onmessage = null;
  }
};

const { Session } = await import(path);
const session = new Session({
  url: "ws://server/ws",
  media: { close: () => undefined },
  receiveSlots: 2,
  tell: (event, facts) => told.push([event, facts.reason ?? facts.code ?? 0]),
});
session.login({ appId: 1, roomId: "lobby", userId: "alice", userName: "", token: "t", appSign: "" });
