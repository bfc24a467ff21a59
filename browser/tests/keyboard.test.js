// Everything can be reached and seen by keyboard alone.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { lived } from "../stage/clinic.js";
import { scene } from "../stage/scene.js";
import { Server } from "../stage/server.js";

const PRESSES_MAX = 250;

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

/** Marks every control that is on the page; gives how many there are. */
async function mark(page) {
  return page.evaluate(() => {
    const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const shown = [...document.querySelectorAll(wanted)].filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
    shown.forEach((one, at) => (one.dataset.stop = at));
    return shown.length;
  });
}

/** Presses Tab from the top of the page to its end; gives the stops, and those whose focus cannot be seen. */
async function walk(page) {
  const stops = [];
  for (let press = 0; press < PRESSES_MAX; press += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const one = document.activeElement;
      if (one === document.body || one.dataset.stop === undefined) return null;
      const style = getComputedStyle(one);
      const box = one.getBoundingClientRect();
      const outlined = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2;
      return { at: Number(one.dataset.stop), what: one.outerHTML.slice(0, 90), seen: outlined && box.width > 0 && box.height > 0 };
    });
    // A date has several stops of the browser's own inside.
    if (stop !== null && stop.at === stops.at(-1)?.at) continue;
    if (stop === null || stops.some((known) => known.at === stop.at)) break;
    stops.push(stop);
  }
  return stops;
}

/** From the top, each control is reached once, in the order of the page, and its focus can be seen. */
async function reaches(page, name) {
  const count = await mark(page);
  const stops = await walk(page);
  const missed = await page.evaluate((reached) => [...document.querySelectorAll("[data-stop]")]
    .filter((one) => !reached.includes(Number(one.dataset.stop))).map((one) => one.outerHTML.slice(0, 90)), stops.map((stop) => stop.at));
  assert.deepEqual(missed, [], `${name}: not reached by keyboard`);
  assert.equal(stops.length, count, name);
  assert.deepEqual(stops.map((stop) => stop.at), [...stops.keys()], `${name}: reached in another order than shown`);
  assert.deepEqual(stops.filter((stop) => !stop.seen).map((stop) => stop.what), [], `${name}: focus cannot be seen`);
}

scene("every control of the key pages is reached by keyboard, and its focus is seen", () => server, async (stage) => {
  const at = await lived(server);
  const page = await stage.admin("keys@harbor.example");
  const paths = ["/console", "/console/connections", `/console/connections/${at.active}?live=off`, `/console/connections/${at.active}/revoke`];
  for (const path of [...paths, "/console/keys/new", "/console/log", `/console/log/${at.allowed}`, "/console/account", "/console/emergency", "/docs"]) {
    await page.goto(path);
    await page.evaluate(() => document.querySelectorAll("details.more").forEach((more) => (more.open = true)));
    await reaches(page, path);
  }
  const visitor = await stage.visitor();
  await visitor.goto("/console/sign-in");
  await visitor.evaluate(() => document.activeElement.blur());
  await reaches(visitor, "/console/sign-in");
});

scene("the first stop leads past the menu", () => server, async (stage) => {
  const page = await stage.admin("skip@harbor.example");
  await page.goto("/console/connections");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  assert.ok(await skip.evaluate((one) => one === document.activeElement));
  assert.ok((await skip.boundingBox()).y >= 0, "it comes into view when it has the focus");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.keyboard.press("Tab");
  assert.ok(await page.getByRole("link", { name: "New connection" }).evaluate((one) => one === document.activeElement));
});

scene("the menu opens and closes by keyboard", () => server, async (stage) => {
  const page = await stage.admin("menu@harbor.example");
  const summary = page.locator("details.menu summary");
  await summary.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await page.keyboard.press("Tab");
  assert.ok(await page.getByRole("link", { name: "Your account" }).evaluate((one) => one === document.activeElement));
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("button", { name: "Sign out" }).isVisible(), false);
  assert.ok(await summary.evaluate((one) => one === document.activeElement), "the focus goes back to where it came from");
});
