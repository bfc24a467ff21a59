// Whatever is typed into whatever field: nothing runs, the server never fails, and pages show it as text.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { lived } from "../stage/clinic.js";
import { accept, scene } from "../stage/scene.js";
import { Server } from "../stage/server.js";

const LONG_MS = 480_000;
const MARK = "<b data-hostile>!</b><script>alert(1);window.hostile=1</script>";
const TEXTS = {
  markup: `${MARK}<img src=x onerror="alert(2);window.hostile=2">`,
  quotes: `"'\`>${MARK}' autofocus onfocus='window.hostile=3' x="`,
  template: "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7} <%= 7*7 %> &lt;b&gt;",
  "right to left": "\u202Egnp.elif\u2066 \u200Fabc",
  long: "W".repeat(10_000),
  nul: "a\u0000b\u0008c\u001B[31m",
  emoji: "🐕‍🦺 e\u0301 \u{1F1FA}\u{1F1F8} ﷽",
  lines: "one\r\nSet-Cookie: hostile=1\r\n\r\n<h1>two</h1>",
  sql: "'); DROP TABLE connections;-- \\",
  path: "../../etc/passwd%00%0d%0aX: y",
};
/** What a form wants besides the field that is tried. */
const PLAIN = { name: "Plain", run_by: "Plain Ltd", reason: "A plain reason", email: "nobody@clinic.example", password: "four plain words here", new_password: "four plain words here", code: "000000", read: "", write: "" };
const KEPT_HIDDEN = ["csrf", "nonce", "version"];

let server;
before(async () => (server = await Server.start({ limits: false })));
after(() => server?.stop());

/** The fields of a form that take text, those that are hidden included. */
async function fields(page, form) {
  return form.locator("input, textarea").evaluateAll((all, kept) => all
    .filter((one) => !["checkbox", "radio", "submit"].includes(one.type) && !kept.includes(one.name))
    .map((one) => one.name), KEPT_HIDDEN);
}

/** Fills a form without its browser's checks, and sends it; the answer is watched as any other. */
async function send(page, form, field, text) {
  const loaded = page.waitForEvent("load");
  await form.evaluate((one, [field, text, plain]) => {
    one.noValidate = true;
    for (const input of one.querySelectorAll("input, textarea")) {
      if (["checkbox", "radio"].includes(input.type)) {
        if (input.name === "scope") input.checked = input.value.endsWith("s:read");
        continue;
      }
      if (input.type !== "hidden" && input.name !== field) input.value = plain[input.name] ?? input.value;
      if (input.name !== field) continue;
      // A textarea keeps every line; an input is made one so that it does, too.
      const wide = document.createElement("textarea");
      wide.name = field;
      wide.value = text;
      input.replaceWith(wide);
    }
    one.requestSubmit();
  }, [field, text, PLAIN]);
  await loaded;
}

/** A page came, with nothing of the text at work in it. */
async function unharmed(page, what) {
  const seen = await page.evaluate(() => ({
    ran: window.hostile,
    made: document.querySelectorAll("[data-hostile], h1 > *, [onerror], [onfocus]").length,
    cookie: document.cookie,
    title: document.querySelector("h1")?.textContent ?? "",
  }));
  assert.equal(seen.ran, undefined, `${what}: it ran`);
  assert.equal(seen.made, 0, `${what}: it became markup`);
  assert.equal(seen.cookie, "", `${what}: it set a cookie`);
  assert.notEqual(seen.title, "", `${what}: no page came`);
}

/** Tries every text in every field of every form on a page. Gives how many that were. */
async function tryAll(page, path) {
  let tried = 0;
  await page.goto(path);
  const actions = await page.locator("main form").evaluateAll((all) => all.map((form) => `${form.method} ${new URL(form.action).pathname}`));
  for (const [at, action] of actions.entries()) {
    if (actions.indexOf(action) !== at) continue;
    for (const field of await fields(page, page.locator("main form").nth(at))) {
      for (const [kind, text] of Object.entries(TEXTS)) {
        await send(page, page.locator("main form").nth(at), field, text);
        await unharmed(page, `${kind} in ${field} of ${action}`);
        await page.goto(path);
        tried += 1;
      }
    }
  }
  return tried;
}

/** Everything but a failure of the server. */
const REFUSALS = [400, 401, 403, 404, 409, 412, 413, 414, 422, 429];

scene("hostile text in the forms of the console does nothing", () => server, async (stage) => {
  const at = await lived(server);
  const page = await stage.admin("hostile@harbor.example");
  stage.expect(...REFUSALS);
  const one = `/console/connections/${at.active}`;
  const paths = ["/console/keys/new", "/console/log", "/console/records", "/console/records/clients", "/console/account", "/console/emergency", `${one}?live=off`];
  let tried = 0;
  for (const path of paths) tried += await tryAll(page, path);
  tried += await tryAll(page, `/console/connections/${at.unused}/revoke`);
  assert.ok(tried > 15 * Object.keys(TEXTS).length, `only ${tried} texts were tried`);
  for (const path of ["/console", "/console/connections", "/console/emergency", one, "/console/log?connection=everybody"]) {
    assert.equal((await page.goto(path)).status(), 200);
    await unharmed(page, path);
  }
}, { timeout: LONG_MS });

scene("hostile text at the ways in does nothing", () => server, async (stage) => {
  stage.expect(...REFUSALS);
  const page = await stage.visitor();
  assert.equal(await tryAll(page, "/console/sign-in"), 4 * Object.keys(TEXTS).length);
  // A name is taken as it is, so each needs an invitation of its own.
  for (const [kind, text] of Object.entries(TEXTS)) {
    const visitor = await stage.visitor();
    await visitor.goto(await server.invite(`${kind.replaceAll(" ", "-")}@harbor.example`));
    await send(visitor, visitor.locator("main form"), "name", text);
    await unharmed(visitor, `${kind} in a person's name`);
    await visitor.context().close();
  }
}, { timeout: LONG_MS });

scene("hostile names are shown as the text that they are", () => server, async (stage) => {
  const page = await stage.visitor();
  await accept(page, await server.invite("shows@harbor.example"), { name: TEXTS.markup.slice(0, 110) });
  assert.equal(await page.locator("details.menu summary b").textContent(), TEXTS.markup.slice(0, 110));
  for (const kind of ["markup", "quotes", "template", "emoji", "sql"]) {
    const text = TEXTS[kind].slice(0, 110);
    const made = await server.key(text, ["invoices:read"], { run_by: text, reason: text });
    await page.goto(`/console/connections/${made.connection_id}`);
    assert.equal(await page.locator("h1").textContent(), text);
    assert.ok((await page.locator(".head").textContent()).includes(`“${text}”`));
    await unharmed(page, kind);
  }
  for (const kind of ["markup", "quotes", "template", "emoji", "sql"]) {
    const text = TEXTS[kind].slice(0, 95).trim();
    const body = { family_name: text, tags: [text.slice(0, 50)], address: { line1: text } };
    const { json: client } = await server.call(server.made.admin_key, "/v1/clients", { method: "POST", body });
    await page.goto(`/console/records/clients/${client.id}`);
    assert.equal(await page.locator("h1").textContent(), [...text].length > 80 ? `${[...text].slice(0, 80).join("")}…` : text);
    await unharmed(page, `${kind} in a record`);
  }
  await page.goto("/console/records/clients");
  await unharmed(page, "the list of records");
  await page.goto("/console/connections");
  await unharmed(page, "the list");
  assert.ok((await page.locator("tbody").textContent()).includes(TEXTS.template));
});
