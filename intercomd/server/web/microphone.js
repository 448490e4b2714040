// The microphone: asked for, chosen, metered, and opened and shut for talking.

const SILENCE_DB = -60;

/** Why there is no microphone, in words for people: what is wrong, and how to mend it. */
export class MicrophoneProblem extends Error {
  constructor(what, how) {
    super(what);
    this.how = how;
  }
}

export class Microphone {
  #stream = null;
  #heard = null;
  #context = null;
  #analyser = null;
  #samples = null;
  #onChange;

  /** `onChange()` is called when the track ends, or is silenced from outside. */
  constructor({ onChange }) {
    this.#onChange = onChange;
  }

  get track() {
    return this.#stream?.getAudioTracks()[0] ?? null;
  }

  /** Whether sound really comes from it: neither unplugged nor silenced by the system. */
  get isLive() {
    return this.track?.readyState === "live" && !this.track.muted;
  }

  get deviceId() {
    return this.track?.getSettings().deviceId ?? "";
  }

  /** Open a microphone, any or the one of this ID; raises a MicrophoneProblem. */
  async open(deviceId = "") {
    const problem = withheld();
    if (problem) throw problem;
    const wanted = {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      channelCount: 1,
      ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
    };
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    } catch (error) {
      throw explained(error);
    }
    this.close();
    this.#stream = stream;
    for (const event of ["ended", "mute", "unmute"]) {
      this.track.addEventListener(event, this.#onChange);
    }
    this.track.enabled = false;
    this.#meter(stream);
  }

  close() {
    for (const event of ["ended", "mute", "unmute"]) {
      this.track?.removeEventListener(event, this.#onChange);
    }
    this.track?.stop();
    this.#heard?.stop();
    this.#stream = null;
    this.#context?.close();
    this.#context = this.#analyser = null;
  }

  /** Let sound through or not; works at once. */
  gate(isOpen) {
    if (this.track) this.track.enabled = isOpen;
  }

  /** The loudness now in dB, 0 loudest; null without a microphone. */
  levelDb() {
    if (!this.#analyser) return null;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((total, sample) => total + sample * sample, 0);
    return Math.max(SILENCE_DB, 10 * Math.log10(sum / this.#samples.length + 1e-12));
  }

  #meter(stream) {
    // A clone, which stays open while the talk gate is shut: one sees before one speaks.
    const heard = stream.getAudioTracks()[0].clone();
    heard.enabled = true;
    this.#heard = heard;
    this.#context = new AudioContext();
    this.#context.resume();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 2048;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([heard])).connect(this.#analyser);
  }
}

/** The microphones there are, as {id, label}; labels are empty before permission. */
export async function microphones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices
    .filter(({ kind }) => kind === "audioinput")
    .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `Microphone ${index + 1}` }));
}

/** Why this page cannot have a microphone at all; null if it may ask for one. */
export function withheld() {
  if (navigator.mediaDevices?.getUserMedia) return null;
  if (globalThis.isSecureContext) {
    return new MicrophoneProblem(
      "This browser has no microphone for web pages.",
      "Use a current Firefox, Chrome, Edge or Safari.",
    );
  }
  return new MicrophoneProblem(
    "The browser withholds the microphone, because this page came without https.",
    "Open it with https:// in front of the address. If the server does not answer there, "
      + "start it with --self-signed, or with --tls-cert and --tls-key. You can listen meanwhile.",
  );
}

function explained(error) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return new MicrophoneProblem(
        "The microphone is not allowed for this page.",
        "Allow it in the browser (the symbol beside the address), and in the system's privacy "
          + "settings, then press “Allow microphone”. You can listen meanwhile.",
      );
    case "NotFoundError":
    case "OverconstrainedError":
      return new MicrophoneProblem(
        "There is no such microphone.",
        "Plug one in, or choose another, then press “Allow microphone”. You can listen meanwhile.",
      );
    case "NotReadableError":
    case "AbortError":
      return new MicrophoneProblem(
        "The microphone cannot be opened.",
        "Another program may hold it: close that, then press “Allow microphone”.",
      );
    default:
      return new MicrophoneProblem(`The microphone cannot be opened (${error.name}).`, error.message);
  }
}
