// Makes a picture of a page small: of its colors only the 256 that matter, packed as tight as PNG allows.
import { deflateSync, inflateSync } from "node:zlib";

const COLORS_MAX = 256;
/** So far apart, squared, that an eye tells two colors. */
const APART_MIN = 24;
const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

/** Takes a PNG of 8 bits a channel, as browsers draw it; gives one with a palette. */
export function small(png) {
  const { width, height, pixels } = decode(png);
  const { palette, index } = colors(pixels);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = index.get(pixels[y * width + x]);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const plte = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]));
  const data = deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("PLTE", plte), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

/** Width, height, and each pixel's color as one number. */
function decode(png) {
  const [width, height, depth, type] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
  if (depth !== 8 || ![2, 6].includes(type)) throw new Error(`a PNG of depth ${depth} and type ${type} is not expected`);
  const parts = [];
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const bytes = type === 6 ? 4 : 3;
  const raw = inflateSync(Buffer.concat(parts));
  const line = width * bytes;
  const pixels = new Uint32Array(width * height);
  let before = new Uint8Array(line);
  for (let y = 0; y < height; y += 1) {
    const row = raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1));
    unfilter(raw[y * (line + 1)], row, before, bytes);
    for (let x = 0; x < width; x += 1) pixels[y * width + x] = (row[x * bytes] << 16) | (row[x * bytes + 1] << 8) | row[x * bytes + 2];
    before = row;
  }
  return { width, height, pixels };
}

/** Undoes a line's filter in place (PNG specification, 9.2). */
function unfilter(filter, row, before, bytes) {
  for (let at = 0; at < row.length; at += 1) {
    const left = at < bytes ? 0 : row[at - bytes];
    const up = before[at];
    const corner = at < bytes ? 0 : before[at - bytes];
    row[at] += [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
  }
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** Colors that are used, those used most first and none close to another, and for each color the place of its nearest. */
function colors(pixels) {
  const uses = new Map();
  for (const pixel of pixels) uses.set(pixel, (uses.get(pixel) ?? 0) + 1);
  const ranked = [...uses].sort((one, other) => other[1] - one[1]).map(([color]) => color);
  const palette = [];
  for (const color of ranked) {
    if (palette.length < COLORS_MAX && palette.every((known) => distance(color, known) >= APART_MIN)) palette.push(color);
  }
  const nearest = (color) => palette.reduce((best, known, at) => (distance(color, known) < distance(color, palette[best]) ? at : best), 0);
  return { palette, index: new Map(ranked.map((color) => [color, nearest(color)])) };
}

function distance(one, other) {
  const part = (shift) => ((one >> shift) & 255) - ((other >> shift) & 255);
  return part(16) ** 2 + part(8) ** 2 + part(0) ** 2;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** CRC-32 (PNG specification, annex D). */
function crc32(bytes) {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
