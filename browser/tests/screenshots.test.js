// Pictures of the console as a clinic sees it, for the README: `cargo xtask test browser --screenshots`.
// Without that the same pages are drawn, and must come out, but the pictures are thrown away.
import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { small } from "../stage/png.js";
import { PASSWORD, scene } from "../stage/scene.js";
import { Server, setting } from "../stage/server.js";
import { code } from "../stage/totp.js";

const PICTURE_BYTES_MAX = 150 * 1024;
const COMMITTED = new URL("../../docs/screenshots/", import.meta.url);
const WIDE = { width: 1280, height: 860 };
const NARROW = { width: 320, height: 640 };

let server;
let books;
before(async () => {
  server = await Server.start({ clients: 800, invoices: 6_000, lived: true });
  const { json } = await server.call(server.made.admin_key, "/v1/connections?limit=50");
  books = json.data.find((one) => one.name === "Acme Books").id;
});
after(() => server?.stop());

const pages = () => [
  ["home", "/console", WIDE, "light"],
  ["home-dark", "/console", WIDE, "dark"],
  ["connections", "/console/connections", WIDE, "light"],
  ["connection", `/console/connections/${books}`, { width: 1280, height: 1180 }, "light"],
  ["connection-narrow", `/console/connections/${books}`, NARROW, "light"],
  ["access-log", "/console/log", WIDE, "light"],
  ["docs", "/docs/get-started", WIDE, "light"],
];

scene("pictures for the README come out, small enough", () => server, async (stage) => {
  const page = await stage.admin("jordan@harbor.example", { name: "Jordan Lee" });
  await turnOnSecondFactor(page);
  const dir = setting("CLINICOS_BROWSER_SCREENSHOTS");
  await mkdir(dir, { recursive: true });
  for (const [name, path, viewport, colorScheme] of pages()) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    assert.equal((await page.goto(path)).status(), 200);
    await page.locator("main h1").waitFor();
    await page.mouse.move(0, 0);
    const picture = small(await page.screenshot({ animations: "disabled", caret: "hide" }));
    await writeFile(join(dir, `${name}.png`), picture);
    assert.ok(picture.length < PICTURE_BYTES_MAX, `${name}: ${picture.length} bytes`);
    const known = await stat(new URL(`${name}.png`, COMMITTED)).catch(() => assert.fail(`docs/screenshots/${name}.png is missing`));
    assert.ok(known.size < PICTURE_BYTES_MAX, `docs/screenshots/${name}.png is ${known.size} bytes`);
  }
  const readme = await readFile(new URL("../../README.md", COMMITTED), "utf8");
  for (const [, file] of readme.matchAll(/docs\/screenshots\/([\w-]+)\.png/g)) {
    assert.ok(pages().some(([name]) => name === file), `the README shows ${file}.png, which no test draws`);
  }
});

/** With it the home page has nothing to say about the account. */
async function turnOnSecondFactor(page) {
  await page.goto("/console/account");
  await page.getByRole("button", { name: "Set it up" }).click();
  await page.getByLabel("Enter the 6 digits").fill(code(await page.locator("#secret").innerText()));
  await page.getByLabel("Your password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Turn it on" }).click();
  await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
}
