// Every page of the console: accessible in light and dark, wide and narrow, and never scrolling sideways.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { lived } from "../stage/clinic.js";
import { NARROW, faultsOf } from "../stage/looks.js";
import { signedIn } from "../stage/pages.js";
import { scene, sideways } from "../stage/scene.js";
import { Server } from "../stage/server.js";

const LONG_MS = 480_000;
const LETTERS_MAX = 120;

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

scene("every page of the console is accessible and fits", () => server, async (stage) => {
  const at = await lived(server);
  const page = await stage.admin("pages@harbor.example");
  stage.expect(400, 401, 403, 404, 412, 422);
  const faults = [];
  for (const one of await signedIn(at)) {
    await one.reach(page);
    faults.push(...(await faultsOf(page, one)));
  }
  assert.deepEqual(faults, []);
}, { timeout: LONG_MS });

scene("the emergency switch is accessible and fits while it is on", () => server, async (stage) => {
  const page = await stage.admin("switch@harbor.example");
  await page.goto("/console/emergency");
  await page.getByLabel("What happened").fill("Strange deletions ".repeat(20));
  await page.getByRole("button", { name: "Stop all changes now" }).click();
  await page.getByRole("complementary", { name: "Changes are stopped" }).waitFor();
  const faults = await faultsOf(page, { name: "the switch while it is on" });
  await page.goto("/console");
  faults.push(...(await faultsOf(page, { name: "home while it is on" })));
  await page.locator("details.menu summary").click();
  faults.push(...(await faultsOf(page, { name: "the menu" })));
  await page.goto("/console/emergency");
  await page.getByRole("button", { name: "Allow changes again" }).click();
  await page.getByText("Connections may change again").waitFor();
  assert.deepEqual(faults, []);
});

scene("the longest names there can be fit at 320 px", () => server, async (stage) => {
  const at = await lived(server, (text) => text.replaceAll(" ", "").padEnd(LETTERS_MAX, "W"));
  const page = await stage.admin("long@harbor.example", { options: { viewport: NARROW }, name: "W".repeat(LETTERS_MAX) });
  stage.expect(400, 401, 403, 404, 412, 422);
  const faults = [];
  for (const one of await signedIn(at)) {
    await one.reach(page);
    await page.evaluate(() => document.querySelectorAll("details.more").forEach((more) => (more.open = true)));
    const wide = await sideways(page);
    if (wide) faults.push(`${one.name}: ${wide}`);
  }
  assert.deepEqual(faults, []);
});
