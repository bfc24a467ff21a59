// Every page there is. The lists are the server's own, so that a page which is new there and not
// known here fails the tests.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { PASSWORD } from "./scene.js";
import { setting } from "./server.js";

/** People whom scenes of this process have invited. */
let invited = 0;

/** A route that shows no page, and why. */
const none = (why) => ({ why });
const NOBODY = "con_00000000000000000000000000";

/** Pages for people who are signed in, by route. `at` holds ids of what there is. */
const SIGNED_IN = {
  "/console": () => ["/console"],
  "/console/account": () => ["/console/account"],
  "/console/assets/{*path}": none("files beside the pages"),
  "/console/connections": () => ["all", "needs_you", "can_write", "owner_contact", "unused", "ended"].map((name) => `/console/connections?filter=${name}`),
  "/console/connections/{id}": (at) => [
    ...[at.active, at.unused, at.paused, at.revoked].map((id) => `/console/connections/${id}`),
    `/console/connections/${at.active}?live=off`,
    [404, `/console/connections/${NOBODY}`],
  ],
  "/console/connections/{id}/activity": none("a piece of a page"),
  "/console/connections/{id}/keys": (at) => [`/console/connections/${at.active}/keys`],
  "/console/connections/{id}/revoke": (at) => [`/console/connections/${at.active}/revoke`],
  "/console/connections/{id}/sees": (at) => [
    `/console/connections/${at.active}/sees`,
    `/console/connections/${at.active}/sees?kind=patients`,
    `/console/connections/${at.active}/sees?record=${at.records.find((one) => one.startsWith("invoices/"))?.split("/")[1] ?? ""}`,
    [404, `/console/connections/${NOBODY}/sees`],
  ],
  "/console/emergency": () => ["/console/emergency"],
  "/console/export": () => ["/console/export"],
  "/console/export/{id}": none("belongs to whoever began it; shown by the form of /console/export"),
  "/console/export/{id}/files/{name}": none("a file"),
  "/console/import": () => ["/console/import"],
  "/console/import/{id}": (at) => [...[at.checked, at.imported, at.asked].map((id) => `/console/import/${id}`), [404, "/console/import/imp_00000000000000000000000000"]],
  "/console/import/{id}/mapping": (at) => [at.checked, at.imported, at.asked].map((id) => `/console/import/${id}/mapping`),
  "/console/import/{id}/mapping.toml": none("a file"),
  "/console/import/{id}/rejects.csv": none("a file"),
  "/console/keys/new": () => ["/console/keys/new"],
  "/console/keys/{id}": (at) => [`/console/keys/${at.key}`, [404, "/console/keys/key_00000000000000000000000000"]],
  "/console/keys/{id}/revoke": (at) => [`/console/keys/${at.key}/revoke`],
  "/console/keys/{id}/rotate": (at) => [`/console/keys/${at.key}/rotate`],
  "/console/log": () => ["/console/log", "/console/log?connection=everybody", "/console/log?from=2001-01-01&to=2001-01-02", "/console/log?record=nothing", "/console/log?connection=people"],
  "/console/log.csv": none("a file"),
  "/console/log/{request_id}": (at) => [`/console/log/${at.allowed}`, `/console/log/${at.refused}`, [404, "/console/log/req_1"]],
  "/console/people": () => ["/console/people"],
  "/console/people/{id}/disable": (at) => [`/console/people/${at.person}/disable`],
  "/console/records": () => ["/console/records", "/console/records?find=Nobody+at+all", "/console/records?find=1"],
  "/console/records/clients/{id}/left": (at) => [...at.records.filter((one) => one.startsWith("clients/")).map((one) => `/console/records/${one}/left`), [404, "/console/records/clients/cli_00000000000000000000000000/left"]],
  "/console/records/{resource}": (at) => [
    ...at.kinds.map((kind) => `/console/records/${kind}`),
    "/console/records/invoices?status=draft&issued_on-from=2001-01-01&deleted=yes",
    [400, "/console/records/invoices?status=soon"],
    [404, "/console/records/connections"],
  ],
  "/console/records/{resource}/{id}": (at) => [...at.records.map((one) => `/console/records/${one}`), [404, "/console/records/clients/cli_00000000000000000000000000"]],
  "/favicon.ico": none("a picture"),
  "/llms.txt": none("text"),
  // With the name of who is signed in; the others are among the pages that llms.txt lists.
  "/docs": () => ["/docs"],
  "/docs.md": none("text"),
  "/docs/{page}": none("the same"),
  "/docs/reference/{resource}": none("the same"),
  "/console/sign-in": none("for people who are not signed in"),
  "/console/welcome": none("the same"),
};

/** Pages for anybody, by route. */
const OPEN = {
  "/": () => ["/"],
  "/docs": () => [[404, "/docs/nothing"], [404, "/docs/reference/nothing"]],
  "/docs/problems/{code}": (at) => at.problems.map((code) => `/docs/problems/${code}`),
  "/console/sign-in": () => ["/console/sign-in", "/console/sign-in?next=%2Fconsole%2Flog"],
  "/console/welcome": (at) => [at.invitation, [404, "/console/welcome?token=0"]],
  "/health/live": none("for machines"),
  "/health/ready": none("for machines"),
  "/v1/openapi.json": none("a document"),
};

/** What forms answer with, if it is a page of its own: a name and the way there. The rest goes on to a page. */
const goesOn = none("goes on to a page");
const ANSWERS = {
  "/console/account/password": goesOn,
  "/console/account/second-factor": goesOn,
  "/console/account/second-factor/begin": async (page) => {
    await page.goto("/console/account");
    await page.getByRole("button", { name: "Set it up" }).click();
    await page.getByRole("img", { name: "QR code" }).waitFor();
  },
  "/console/account/second-factor/cancel": goesOn,
  "/console/account/second-factor/off": goesOn,
  "/console/account/second-factor/recovery-codes": none("shown once, when a second factor is on; the story walks through it"),
  "/console/account/sessions/end": goesOn,
  "/console/connections/{id}/keys": async (page, at) => {
    await page.goto(`/console/connections/${at.active}/keys`);
    await page.getByLabel("Name", { exact: true }).fill("Second computer");
    await page.getByRole("button", { name: "Make the key" }).click();
    await page.getByRole("heading", { name: "The key for" }).waitFor();
  },
  "/console/export": async (page) => {
    await page.goto("/console/export");
    await page.getByRole("button", { name: "Begin an export" }).click();
    await page.getByRole("heading", { name: "How far it is" }).waitFor();
  },
  "/console/export/{id}/cancel": goesOn,
  "/console/import": goesOn,
  "/console/import/{id}/cancel": goesOn,
  "/console/import/{id}/mapping": none("goes on to a page, or shows the same page again"),
  "/console/import/{id}/start": goesOn,
  "/console/keys/{id}/revoke": goesOn,
  "/console/keys/{id}/rotate": none("the same page as that of a key that is added"),
  "/console/keys/{id}/{control}": goesOn,
  "/console/people": async (page) => {
    await page.goto("/console/people");
    await page.getByLabel("Name", { exact: true }).fill("Noa Berg");
    // Several scenes come here on one server, and nobody is invited twice.
    invited += 1;
    await page.getByLabel("E-mail address", { exact: true }).fill(`noa.berg.${invited}@willowlane.example`);
    await page.getByRole("button", { name: "Make the link" }).click();
    await page.getByRole("heading", { name: "The link for" }).waitFor();
  },
  "/console/people/{id}/disable": goesOn,
  "/console/people/{id}/{control}": none("goes on to a page, or shows the page of an invitation"),
  "/console/connections/{id}/revoke": goesOn,
  "/console/connections/{id}/{control}": goesOn,
  "/console/emergency": goesOn,
  "/console/keys": async (page) => {
    await page.goto("/console/keys/new");
    await page.getByLabel("Name", { exact: true }).fill("Book keeping");
    await page.getByLabel("Who runs it").fill("Acme");
    await page.getByLabel("Why your clinic wants it").fill("Books");
    await page.getByLabel("What its data may be used for").selectOption({ index: 1 });
    await page.locator("[name=scope][value='invoices:read']").check();
    await page.getByRole("button", { name: "Make the connection" }).click();
    await page.getByRole("heading", { name: "The key for" }).waitFor();
  },
  "/console/sign-out": goesOn,
  "/console/sign-in": none("shown to people who are not signed in"),
  "/console/welcome": none("the same"),
};

/** Forms that are refused, and what they answer with. */
export const REFUSED = {
  "an import that lacks a file": async (page) => {
    await page.goto("/console/import");
    await page.getByLabel("Where the files come from").selectOption("petclinic");
    await page.locator("#file").setInputFiles({ name: "owners.csv", mimeType: "text/csv", buffer: Buffer.from("OwnerID\n") });
    await page.getByRole("button", { name: "Check the files" }).click();
    await page.getByRole("alert").waitFor();
  },
  "a key without scopes": async (page) => {
    await page.goto("/console/keys/new");
    await submit(page, "form.narrow");
    await page.getByRole("alert").waitFor();
  },
  "a form that is not from its page": async (page) => {
    await page.goto("/console/emergency");
    await page.evaluate(() => document.querySelectorAll("[name=csrf]").forEach((field) => (field.value = "0")));
    await submit(page, "main form");
    await page.getByText("Error 403").waitFor();
  },
  "a second factor without the password": async (page) => {
    await page.goto("/console/account");
    await page.getByRole("button", { name: "Set it up" }).click();
    await page.getByLabel("Enter the 6 digits").fill("000000");
    await page.getByLabel("Your password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Turn it on" }).click();
    await page.getByText("This is not your present password.", { exact: true }).waitFor();
  },
  "a control that comes late": async (page, at) => {
    await page.goto(`/console/connections/${at.active}`);
    await page.locator("form[action$='/limits'] [name=version]").evaluate((field) => (field.value = "0"));
    await submit(page, "form[action$='/limits']");
    await page.getByRole("heading", { name: "It has changed meanwhile" }).waitFor();
  },
  "a limit that is no number": async (page, at) => {
    await page.goto(`/console/connections/${at.active}`);
    await page.locator("#read-limit").evaluate((field) => Object.assign(field, { type: "text", value: "lots" }));
    await submit(page, "form[action$='/limits']");
    await page.getByRole("alert").waitFor();
  },
  "an address that is none": async (page, at) => {
    await page.goto(`/console/connections/${at.active}`);
    await page.locator("#addresses").evaluate((field) => Object.assign(field, { value: "the office" }));
    await submit(page, "form[action$='/addresses']");
    await page.getByRole("link", { name: "From where it may be used" }).waitFor();
  },
  "an invitation of nobody": async (page) => {
    await page.goto("/console/people");
    await submit(page, "form[action='/console/people']");
    await page.getByRole("alert").waitFor();
  },
};

/** The same for people who are not signed in. */
export const REFUSED_ENTRY = {
  "a sign-in with a wrong password": async (page) => {
    await page.goto("/console/sign-in");
    await page.getByLabel("E-mail address").fill("nobody@clinic.example");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
  },
  "a welcome with a short password": async (page, at) => {
    await page.goto(at.invitation);
    await page.getByLabel("Password").fill("short");
    await submit(page, "main form");
    await page.getByRole("alert").waitFor();
  },
};

/** Sends a form as it stands, whatever the browser thinks of its fields. */
async function submit(page, form) {
  await page.locator(form).first().evaluate((one) => {
    one.noValidate = true;
    one.requestSubmit();
  });
}

async function lists() {
  return JSON.parse(await readFile(setting("CLINICOS_BROWSER_PAGES"), "utf8"));
}

const go = (path, status) => ({ name: path, status, reach: async (page) => assert.equal((await page.goto(path)).status(), status, path) });
const expand = (table, route, at) => {
  const entry = table[route];
  assert.ok(entry, `${route} is an address of the server; say in stage/pages.js which pages it shows`);
  if (typeof entry !== "function") return [];
  return entry(at).map((one) => (Array.isArray(one) ? go(one[1], one[0]) : go(one, 200)));
};

/** Every page of somebody who is signed in. */
export async function signedIn(at, known) {
  const { console: routes } = known ?? (await lists());
  const gets = routes.filter(([, methods]) => methods.includes("GET")).flatMap(([route]) => expand(SIGNED_IN, route, at));
  const posts = routes.filter(([, methods]) => methods.includes("POST")).flatMap(([route]) => {
    const answer = ANSWERS[route];
    assert.ok(answer, `${route} takes forms; say in stage/pages.js what it answers with`);
    return typeof answer === "function" ? [{ name: `the answer of ${route}`, status: 200, reach: (page) => answer(page, at) }] : [];
  });
  const refused = Object.entries(REFUSED).map(([name, reach]) => ({ name, status: 400, reach: (page) => reach(page, at) }));
  return [...gets, ...posts, ...refused];
}

/** Every page of somebody who is not: entry, errors, documentation. */
export async function open(server, at) {
  const { raw, problems } = await lists();
  const routes = [...raw, "/docs", "/console/sign-in", "/console/welcome"];
  const known = routes.flatMap((route) => expand(OPEN, route, { problems, ...at }));
  const text = await (await fetch(`${server.url}/llms.txt`)).text();
  const written = [...text.matchAll(/\]\((http[^)]+)\.md\)/g)].map(([, address]) => new URL(address).pathname).filter((path) => !path.startsWith("/docs/problems/"));
  assert.ok(written.includes("/docs/index") && written.includes("/docs/reference"), text);
  const refused = Object.entries(REFUSED_ENTRY).map(([name, reach]) => ({ name, status: 400, reach: (page) => reach(page, at) }));
  // Pages of problems are many, short, and out of one mold.
  for (const one of known) one.alike = one.name.startsWith("/docs/problems/") && one.name !== `/docs/problems/${problems[0]}`;
  return [...known, ...written.map((path) => go(path === "/docs/index" ? "/docs" : path, 200)), ...refused];
}
