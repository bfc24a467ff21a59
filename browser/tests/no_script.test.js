// The same without JavaScript: every control is a link or a form.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { lived } from "../stage/clinic.js";
import { accept, scene, signIn } from "../stage/scene.js";
import { Server } from "../stage/server.js";

const EMAIL = "plain@harbor.example";

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

scene("without JavaScript an admin can let in, look, pause, revoke and stop", () => server, async (stage) => {
  const at = await lived(server);
  const page = await stage.visitor({ javaScriptEnabled: false });
  await accept(page, await server.invite(EMAIL));

  await page.goto("/console/keys/new");
  await page.getByLabel("Name", { exact: true }).fill("Bookkeeping");
  await page.getByLabel("Who runs it").fill("Acme");
  await page.getByLabel("Why your clinic wants it").fill("Reconciles payments");
  await page.getByLabel("What its data may be used for").selectOption({ index: 1 });
  await page.locator("[name=scope][value='invoices:read']").check();
  await page.getByRole("button", { name: "Make the connection" }).click();
  const key = await page.getByLabel("Select it and copy it").inputValue();
  assert.equal(await page.locator("button[data-copy]:visible").count(), 0, "a button that needs a script is not shown");
  const status = async () => (await server.call(key, "/v1/invoices")).status;
  assert.equal(await status(), 200);

  await page.getByRole("link", { name: "I have stored it" }).click();
  await page.locator("#activity .lines li").first().waitFor();
  await page.locator("#pause-reason").fill("Looking into it");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Done.").waitFor();
  assert.equal(await status(), 403);
  await page.getByRole("button", { name: "Let it call again" }).click();
  await page.getByText("Done.").waitFor();
  assert.equal(await status(), 200);

  await page.getByRole("link", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Revoke for good" }).click();
  await page.getByText("Revoked. Its next call").first().waitFor();
  assert.equal(await status(), 401);

  await page.getByRole("link", { name: "Access log", exact: true }).click();
  await page.getByLabel("Outcome").selectOption({ label: "Refused" });
  await page.getByRole("button", { name: "Search" }).click();
  await page.locator(".lines li a").first().click();
  await page.getByRole("heading", { name: "Why it was not done" }).waitFor();

  await page.getByRole("link", { name: "Emergency switch" }).click();
  await page.getByLabel("What happened").fill("A drill");
  await page.getByRole("button", { name: "Stop all changes now" }).click();
  const write = () => server.call(server.made.admin_key, "/v1/clients", { method: "POST", body: { family_name: "Rivera" } });
  assert.equal((await write()).status, 403);
  await page.getByRole("button", { name: "Allow changes again" }).click();
  assert.equal((await write()).status, 201);

  await page.goto(`/console/connections/${at.active}`);
  await page.locator("details.menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, EMAIL);
  await page.getByRole("heading", { name: "The last 24 hours" }).waitFor();
});
