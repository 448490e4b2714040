// The proof that this page knows the AppSign, which never leaves it (docs/protocol.md).

/** Whether this browser lets this page compute one: it does over https and on localhost. */
export const canProve = () => Boolean(globalThis.crypto?.subtle);

/** HMAC-SHA256 under the AppSign's 32 bytes, as 64 lower-case hexadecimal digits. */
export async function proof(appSign, { nonce, appId, roomId, userId }) {
  const key = await crypto.subtle.importKey(
    "raw", bytesOf(appSign), { name: "HMAC", hash: "SHA-256" }, false, ["sign"],
  );
  const text = ["intercom.v1", nonce, String(appId), roomId, userId].join("\n");
  const digest = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(hexadecimal) {
  return Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
