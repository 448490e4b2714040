// Token04 once more, by another hand: node:crypto and nothing else.
//
// Reads one JSON object a line from stdin and answers each with one on stdout:
//   {"make": {app_id, user_id, nonce, ctime, expire, payload}, "secret", "mode"}
//       -> {"token": "04..."}
//   {"read": "04...", "secret"} -> {"inside": {...}, "mode": 0 or 1}
// `mode` 0 is AES-256-CBC, 1 is AES-256-GCM.

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

const TAG_BYTES = 16;

function make(inside, secret, mode) {
  const gcm = mode === 1;
  const key = Buffer.from(secret, "utf8");
  const iv = randomBytes(gcm ? 12 : 16);
  const cipher = createCipheriv(gcm ? "aes-256-gcm" : "aes-256-cbc", key, iv);
  const parts = [cipher.update(JSON.stringify(inside), "utf8"), cipher.final()];
  if (gcm) parts.push(cipher.getAuthTag());
  const sealed = Buffer.concat(parts);
  const head = Buffer.alloc(10);
  head.writeBigInt64BE(BigInt(inside.expire), 0);
  head.writeUInt16BE(iv.length, 8);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(sealed.length, 0);
  const trailer = gcm ? Buffer.from([1]) : Buffer.alloc(0);
  const body = Buffer.concat([head, iv, length, sealed, trailer]);
  return "04" + body.toString("base64");
}

function read(token, secret) {
  if (token.slice(0, 2) !== "04") throw new Error("not token04");
  const body = Buffer.from(token.slice(2), "base64");
  const ivEnd = 10 + body.readUInt16BE(8);
  const iv = body.subarray(10, ivEnd);
  const sealedEnd = ivEnd + 2 + body.readUInt16BE(ivEnd);
  const sealed = body.subarray(ivEnd + 2, sealedEnd);
  const mode = sealedEnd < body.length ? body[sealedEnd] : 0;
  const key = Buffer.from(secret, "utf8");
  let plain;
  if (mode === 1) {
    const cut = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv("aes-256-gcm", key, iv);
    decipher.setAuthTag(sealed.subarray(cut));
    plain = Buffer.concat([decipher.update(sealed.subarray(0, cut)), decipher.final()]);
  } else {
    const decipher = createDecipheriv("aes-256-cbc", key, iv);
    plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
  }
  const inside = JSON.parse(plain.toString("utf8"));
  if (body.readBigInt64BE(0) !== BigInt(inside.expire)) throw new Error("expire");
  return { inside, mode };
}

for await (const line of createInterface({ input: process.stdin })) {
  const wish = JSON.parse(line);
  const answer =
    "make" in wish
      ? { token: make(wish.make, wish.secret, wish.mode) }
      : read(wish.read, wish.secret);
  console.log(JSON.stringify(answer));
}
