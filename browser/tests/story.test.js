// What an admin does with the console, from the first link to the last sign-out, by clicks alone.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before } from "node:test";
import { promisify } from "node:util";
import { PASSWORD, accept, scene, signIn } from "../stage/scene.js";
import { Server, setting } from "../stage/server.js";
import { code } from "../stage/totp.js";

const EMAIL = "alex.morgan@harbor.example";

for (const engine of ["SQLite", "PostgreSQL"]) {
  let server;
  before(async () => {
    server = await Server.start(engine === "PostgreSQL" ? { database: setting("CLINICOS_BROWSER_POSTGRES") } : {});
  });
  after(() => server?.stop());

  scene(`an admin's whole story, on ${engine}`, () => server, async (stage) => {
    const page = await stage.visitor();
    // A form that lacks something comes back with this.
    stage.expect(422);
    await accept(page, server.made.setup_url, { name: "Alex Morgan" });
    await page.getByRole("heading", { level: 1, name: "All is well" }).waitFor();
    await page.getByRole("link", { name: "Ask for a code from your phone" }).waitFor();
    await filters(page);
    const key = await makeKey(page);
    await oneConnection(page);
    await log(page);
    await controls(page, server, key);
    await revoke(page, server, key);
    await emergency(page, server);
    await signOut(page);
    await theLinkIsSpent(stage);
  });

  scene(`a second factor is turned on and asked for, on ${engine}`, () => server, async (stage) => {
    const page = await stage.admin("factor@harbor.example");
    await page.getByRole("link", { name: "Ask for a code from your phone" }).click();
    await page.getByRole("button", { name: "Set it up" }).click();
    await page.getByRole("img", { name: "QR code" }).waitFor();
    const secret = await page.locator("#secret").innerText();
    await page.getByLabel("Enter the 6 digits").fill(code(secret));
    await page.getByLabel("Your password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Turn it on" }).click();
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    const spare = await page.locator("code.recovery").first().innerText();
    await signOut(page);
    stage.expect(401);
    await signIn(page, "factor@harbor.example");
    await page.getByRole("alert").waitFor();
    assert.equal(new URL(page.url()).pathname, "/console/sign-in", "a password alone must not open it");
    // The code of the next step is good already, and is not the one that turned it on.
    await signIn(page, "factor@harbor.example", code(secret, 1));
    // Where it was going before it was asked to sign in.
    await page.waitForURL("**/console/connections");
    await page.getByRole("link", { name: "Home", exact: true }).click();
    await page.getByRole("heading", { name: "The last 24 hours" }).waitFor();
    assert.equal(await page.getByText("Ask for a code from your phone").count(), 0);
    // Without the phone, one of the codes that were shown once stands in for it.
    await signOut(page);
    await signIn(page, "factor@harbor.example", spare);
    await page.waitForURL((url) => url.pathname.startsWith("/console") && url.pathname !== "/console/sign-in");
  });
}

async function filters(page) {
  await page.getByRole("link", { name: "Connections", exact: true }).first().click();
  const filter = page.getByRole("navigation", { name: "Filter connections" });
  const rows = () => page.locator("tbody tr").count();
  assert.equal(await rows(), 2);
  await filter.getByRole("link", { name: "Can change data" }).click();
  await page.waitForURL("**filter=can_write");
  assert.equal(await page.locator("tbody th a").innerText(), "Demo admin");
  await filter.getByRole("link", { name: "Needs you" }).click();
  await page.getByText("No connection needs you now.").waitFor();
}

/** Makes a key by the form, and runs the line that its page shows. Gives the key. */
async function makeKey(page) {
  await page.getByRole("link", { name: "Connections", exact: true }).first().click();
  await page.getByRole("link", { name: "New connection" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Acme Ledger");
  await page.getByLabel("Who runs it").fill("Acme Ltd.");
  await page.getByLabel("Why your clinic wants it").fill("Reconciles payments");
  await page.getByLabel("What its data may be used for").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Make the connection" }).click();
  // Nothing was ticked: the page comes back and keeps what was typed.
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Acme Ledger");
  for (const title of ["Invoices", "Clients"]) {
    await page.getByRole("group", { name: title, exact: true }).getByLabel("Can see").check();
  }
  await page.getByRole("group", { name: "Clients", exact: true }).getByLabel("Can change").check();
  await page.getByRole("button", { name: "Make the connection" }).click();
  await page.getByRole("heading", { name: "The key for Acme Ledger" }).waitFor();
  const key = await page.getByLabel("Select it and copy it").inputValue();
  assert.match(key, /^cos_sandbox_/);
  const line = await page.locator("#curl").innerText();
  assert.ok(line.includes(key));
  const { stdout } = await promisify(execFile)("sh", ["-c", `${line} --silent --output /dev/null --write-out '%{http_code}'`]);
  assert.equal(stdout, "200", `what the page told to run: ${line}`);
  await page.getByRole("link", { name: "I have stored it" }).click();
  assert.ok(!(await page.content()).includes(key), "a key is shown once");
  return key;
}

/** What may it do, why, and what did it do last? One page answers. */
async function oneConnection(page) {
  await page.getByRole("heading", { level: 1, name: "Acme Ledger" }).waitFor();
  const text = await page.locator("main").innerText();
  for (const said of ["Run by Acme Ltd.", "“Reconciles payments”", "It can see", "It can change", "Names, addresses, phone numbers", "made it"]) {
    assert.ok(text.includes(said), `the page must say ${said}`);
  }
  await page.locator("#activity .lines li").first().waitFor();
}

async function log(page) {
  await page.getByRole("link", { name: "See all calls" }).click();
  await page.getByRole("heading", { level: 1, name: "Access log" }).waitFor();
  await page.getByLabel("Outcome").selectOption({ label: "Allowed" });
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL("**outcome=allowed**");
  assert.equal(await page.locator(".lines li").count(), 1);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export as CSV" }).click()]);
  const rows = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  assert.equal(rows.length, 2, rows.join("\n"));
  assert.match(rows[1], /"Acme Ledger",".*","allowed","","200"/);
  await page.locator(".lines li a").click();
  await page.getByRole("heading", { name: "Why it was allowed" }).waitFor();
  await page.getByRole("link", { name: "Open the connection" }).click();
}

async function controls(page, server, key) {
  const status = async (path, options) => (await server.call(key, path, options)).status;
  const write = { method: "POST", body: { family_name: "Rivera" } };
  const done = () => page.getByRole("status").filter({ hasText: "Done." }).waitFor();
  assert.equal(await status("/v1/invoices"), 200);

  await page.getByLabel("Pause it").selectOption("For 1 hour");
  await page.getByLabel("Why", { exact: true }).first().fill("Looking into last night");
  await page.getByRole("button", { name: "Pause" }).click();
  await done();
  await page.getByText("Looking into last night").first().waitFor();
  await page.getByText("Until ", { exact: false }).first().waitFor();
  assert.equal(await status("/v1/invoices"), 403);
  await page.getByRole("link", { name: "Home", exact: true }).click();
  await page.getByRole("link", { name: /^Let it call again/ }).click();
  await page.getByRole("button", { name: "Let it call again" }).click();
  await done();
  assert.equal(await status("/v1/invoices"), 200);

  assert.equal(await status("/v1/clients", write), 201);
  await page.getByText("Changes: on").click();
  await page.getByRole("button", { name: "Turn changes off" }).click();
  await done();
  assert.equal(await status("/v1/clients", write), 403);
  assert.equal(await status("/v1/clients"), 200);

  await page.getByText("How fast it may call").click();
  await page.getByLabel("Reading calls a minute").fill("0");
  await page.getByRole("button", { name: "Save limits" }).click();
  await done();
  assert.equal(await status("/v1/invoices"), 429);
  await page.getByText("How fast it may call").click();
  await page.getByLabel("Reading calls a minute").fill("");
  await page.getByRole("button", { name: "Save limits" }).click();
  await done();

  await page.getByRole("button", { name: /^Remove names, addresses/i }).click();
  await done();
  assert.equal(await status("/v1/clients"), 403);
  assert.equal(await status("/v1/invoices"), 200);

  await page.getByText("What it may see and change").click();
  await page.locator("#controls").getByRole("group", { name: "Clients", exact: true }).getByLabel("Can change").uncheck();
  await page.locator("#controls").getByRole("group", { name: "Clients", exact: true }).getByLabel("Can see").uncheck();
  await page.locator("details[open]").getByRole("button", { name: "Save", exact: true }).click();
  await done();
  assert.equal(await status("/v1/clients"), 403);
  assert.equal(await status("/v1/invoices"), 200);

  await page.getByText("Calls that it may not make").click();
  await page.getByRole("checkbox", { name: "List invoices invoices.list" }).check();
  await page.locator("details[open]").getByRole("button", { name: "Save", exact: true }).click();
  await done();
  assert.equal(await status("/v1/invoices"), 403);
  await page.getByText("Calls that it may not make (1)").click();
  await page.getByRole("checkbox", { name: "List invoices invoices.list" }).uncheck();
  await page.locator("details[open]").getByRole("button", { name: "Save", exact: true }).click();
  await done();
  assert.equal(await status("/v1/invoices"), 200);
}

/** From the connection's page it is two clicks, and it is final. */
async function revoke(page, server, key) {
  await page.getByRole("link", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Revoke for good" }).click();
  await page.getByText("Revoked. Its next call is refused").waitFor();
  assert.equal((await server.call(key, "/v1/invoices")).status, 401);
  await page.getByRole("heading", { name: "Revoked for good" }).waitFor();
}

async function emergency(page, server) {
  const write = () => server.call(server.made.admin_key, "/v1/clients", { method: "POST", body: { family_name: "Rivera" } });
  await page.getByRole("link", { name: "Emergency switch" }).click();
  await page.getByLabel("What happened").fill("Strange deletions");
  await page.getByRole("button", { name: "Stop all changes now" }).click();
  await page.getByRole("complementary", { name: "Changes are stopped" }).getByText("Strange deletions").waitFor();
  assert.equal((await write()).status, 403);
  await page.getByRole("link", { name: "Home", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "All changes are stopped" }).waitFor();
  await page.getByRole("link", { name: "Allow changes again" }).click();
  await page.getByRole("button", { name: "Allow changes again" }).click();
  await page.getByText("Connections may change again").waitFor();
  assert.equal((await write()).status, 201);
}

async function signOut(page) {
  await page.locator("details.menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.goto("/console/connections");
  assert.equal(new URL(page.url()).pathname, "/console/sign-in");
}

async function theLinkIsSpent(stage) {
  const page = await stage.visitor();
  stage.expect(404);
  assert.equal((await page.goto(stage.server.made.setup_url)).status(), 404);
  await page.goto("/console");
  await signIn(page, EMAIL, "", PASSWORD);
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/console");
}
