// What an authenticator app shows (RFC 6238).
import { createHmac } from "node:crypto";

const STEP_MS = 30_000;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of this moment, or of so many steps later. */
export function code(secret, steps = 0) {
  const bits = [...secret.replace(/[\s=]/g, "")].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const word = digest.readUInt32BE(digest[19] & 15) & 0x7fff_ffff;
  return String(word % 1_000_000).padStart(6, "0");
}
