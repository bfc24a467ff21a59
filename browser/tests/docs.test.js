// The documentation as its readers use it: samples are copied, and scroll by themselves on a phone.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { scene, sideways } from "../stage/scene.js";
import { Server } from "../stage/server.js";

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

scene("a sample is copied as it stands", () => server, async (stage) => {
  const page = await stage.visitor({ permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto("/docs/get-started");
  const sample = page.locator(".prose pre").first();
  await page.getByRole("button", { name: "Copy", exact: true }).first().click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await sample.evaluate((one) => one.textContent));
});

scene("without JavaScript a sample is read as well", () => server, async (stage) => {
  const page = await stage.visitor({ javaScriptEnabled: false });
  await page.goto("/docs/get-started");
  assert.ok(await page.locator(".prose pre").first().isVisible());
  assert.equal(await page.getByRole("button").count(), 0, "a button that needs a script is not there");
});

scene("on a phone a wide sample scrolls, and shows that it does", () => server, async (stage) => {
  const page = await stage.visitor({ viewport: { width: 320, height: 640 } });
  for (const path of ["/docs/get-started", "/docs/reference/payments"]) {
    await page.goto(path);
    assert.equal(await sideways(page), null);
    const wide = await page.locator(".prose pre").evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length);
    assert.ok(wide > 0, `${path} has no wide sample to try`);
    const shades = await page.locator(".prose pre").first().evaluate((one) => getComputedStyle(one).backgroundAttachment);
    assert.match(shades, /local, local, scroll, scroll/);
  }
});

scene("the contents of a reference page lead to its parts", () => server, async (stage) => {
  const page = await stage.visitor();
  await page.goto("/docs/reference/payments");
  await page.locator(".prose").getByRole("link", { name: "The fields of payment", exact: true }).click();
  await page.waitForURL("**#the-fields-of-payment");
  assert.ok(await page.getByRole("heading", { name: "The fields of payment", exact: true }).isVisible());
});
