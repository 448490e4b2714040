// One peer connection with one send slot and eight receive slots (docs/protocol.md).
// Talking and listening negotiate nothing: tracks and elements stay where they are.

export const RECEIVE_SLOTS = 8;
const GATHER_MS = 2_000;
const WATCH_MS = 500;
const SILENT_MS = 2_000; // the server says something every 200 ms, see docs/protocol.md
const BITRATE = 32_000;

export class Media {
  #onState;
  #connection = null;
  #track = null;
  #sounds = [];
  #before = new Map();
  #watch = 0;

  /** `onState(isUp)` is called when the media connection came up or is lost. */
  constructor({ onState }) {
    this.#onState = onState;
    this.#sounds = Array.from({ length: RECEIVE_SLOTS }, () => new Audio());
    for (const sound of this.#sounds) sound.muted = true;
  }

  /** Must be called from a click or a tap, or the browser may keep the sound back. */
  allowSound() {
    for (const sound of this.#sounds) sound.play().catch(() => undefined);
  }

  /** Make a new peer connection in the place of the old one; resolves to its offer. */
  async open() {
    this.close();
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [] });
    this.#connection = connection;
    connection.onconnectionstatechange = () => this.#changed(connection);
    const sending = connection.addTransceiver(this.#track ?? "audio", {
      direction: "sendonly",
      sendEncodings: [{ maxBitrate: BITRATE }],
    });
    for (let slot = 0; slot < RECEIVE_SLOTS; slot += 1) {
      connection.addTransceiver("audio", { direction: "recvonly" });
    }
    for (const each of connection.getTransceivers()) useOpusOnly(each, each === sending);
    await connection.setLocalDescription();
    await gathered(connection);
    if (connection !== this.#connection) return null;
    await sending.sender.replaceTrack(this.#track);
    return connection.localDescription.sdp;
  }

  async accept(sdp) {
    const connection = this.#connection;
    if (!connection) return;
    await connection.setRemoteDescription({ type: "answer", sdp });
    if (connection !== this.#connection) return;
    this.#receivers().forEach((receiver, slot) => {
      const sound = this.#sounds[slot];
      sound.srcObject = new MediaStream([receiver.track]);
      sound.play().catch(() => undefined);
    });
  }

  close() {
    clearInterval(this.#watch);
    this.#connection?.close();
    this.#connection = null;
    this.#before.clear();
  }

  get slots() {
    return RECEIVE_SLOTS;
  }

  /** Send this microphone track, or null for none. */
  async useTrack(track) {
    this.#track = track;
    await this.#connection?.getTransceivers()[0]?.sender.replaceTrack(track);
  }

  /** Let a receive slot be heard at this volume, 0 to 1; null silences it. */
  setVolume(slot, volume) {
    const sound = this.#sounds[slot];
    sound.muted = volume === null;
    if (volume !== null) sound.volume = volume; // iOS has its own buttons for it
  }

  /** How loud a receive slot is just now, 0 to 1. Cheap: many times a second. */
  level(slot) {
    const sources = this.#receivers()[slot]?.getSynchronizationSources?.() ?? [];
    const source = sources[0];
    const isFresh = source && performance.timeOrigin + performance.now() - source.timestamp < 500;
    return isFresh ? (source.audioLevel ?? 0) : 0;
  }

  /**
   * The figures since the last call: { rttMs, sentLoss, slots: Map of slot → figures }.
   * Shares are 0 to 1, null where nothing came.
   */
  async figures() {
    const connection = this.#connection;
    if (!connection) return null;
    const told = { rttMs: null, sentLoss: null, slots: new Map() };
    const slotOf = new Map(
      connection.getTransceivers().slice(1).map((each, slot) => [each.mid, slot]),
    );
    for (const each of (await connection.getStats()).values()) {
      if (each.type === "candidate-pair" && each.nominated && each.currentRoundTripTime !== undefined) {
        told.rttMs = 1000 * each.currentRoundTripTime;
      } else if (each.type === "remote-inbound-rtp") {
        told.sentLoss = each.fractionLost ?? null;
      } else if (each.type === "inbound-rtp" && slotOf.has(each.mid)) {
        told.slots.set(slotOf.get(each.mid), this.#inbound(each));
      }
    }
    return told;
  }

  #inbound(now) {
    const before = this.#before.get(now.mid) ?? {};
    this.#before.set(now.mid, now);
    const more = (key) => (now[key] ?? 0) - (before[key] ?? 0);
    const received = more("packetsReceived");
    const emitted = more("jitterBufferEmittedCount");
    // A silent microphone sends little: what is put in its place is no loss.
    const isPause = more("packetsLost") <= 0 && emitted < more("totalSamplesReceived") / 2;
    return {
      packets: received,
      loss: share(Math.max(0, more("packetsLost")), received + Math.max(0, more("packetsLost"))),
      concealed: isPause
        ? null
        : share(Math.max(0, more("concealedSamples") - more("silentConcealedSamples")), more("totalSamplesReceived")),
      jitterMs: received ? 1000 * now.jitter : null,
      delayMs: emitted ? (1000 * more("jitterBufferDelay")) / emitted : null,
      level: received ? now.audioLevel : null,
    };
  }

  #receivers() {
    return (this.#connection?.getTransceivers() ?? []).slice(1).map((each) => each.receiver);
  }

  #changed(connection) {
    if (connection !== this.#connection) return;
    switch (connection.connectionState) {
      case "connected":
        this.#watchPath(connection);
        this.#onState(true);
        break;
      case "failed":
      case "closed":
        this.#lose();
        break;
      default: // the watch knows long before "disconnected"
    }
  }

  /** Silence of the whole path is its loss; browsers themselves wait for much longer. */
  #watchPath(connection) {
    let heard = -1;
    let heardAt = performance.now();
    clearInterval(this.#watch);
    this.#watch = setInterval(async () => {
      const now = bytesReceived(await connection.getStats());
      if (connection !== this.#connection) return;
      if (now === null || now !== heard) heardAt = performance.now();
      heard = now;
      if (performance.now() - heardAt >= SILENT_MS) this.#lose();
    }, WATCH_MS);
  }

  #lose() {
    clearInterval(this.#watch);
    this.#onState(false);
  }
}

/** What came on all paths together; null where a browser does not count it. */
function bytesReceived(stats) {
  const pairs = [...stats.values()].filter(({ type }) => type === "candidate-pair");
  const counted = pairs.filter((pair) => pair.bytesReceived !== undefined);
  return counted.length ? counted.reduce((sum, pair) => sum + pair.bytesReceived, 0) : null;
}

function useOpusOnly(transceiver, isSending) {
  const from = isSending ? RTCRtpSender : RTCRtpReceiver;
  const codecs = from.getCapabilities("audio")?.codecs ?? [];
  const opus = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === "audio/opus");
  if (opus.length && transceiver.setCodecPreferences) transceiver.setCodecPreferences(opus);
}

/** The server does not trickle: the offer holds all candidates, or those in time. */
function gathered(connection) {
  return new Promise((resolve) => {
    const check = () => connection.iceGatheringState === "complete" && resolve();
    connection.addEventListener("icegatheringstatechange", check);
    setTimeout(resolve, GATHER_MS);
    check();
  });
}

const share = (part, whole) => (whole > 0 ? part / whole : null);
