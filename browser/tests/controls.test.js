// That the checks can fail: each is shown a page that has the fault it looks for.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { violations } from "../stage/axe.js";
import { faultsOf } from "../stage/looks.js";
import { signedIn } from "../stage/pages.js";
import { Scene, sideways } from "../stage/scene.js";
import { setting } from "../stage/server.js";

const pages = {
  "/good": "<main><h1>Good</h1></main>",
  "/pale": "<main><h1>Pale</h1><p style='color:#ccc'>Who can read this?</p></main>",
  "/dark": "<style>p{color:#000}@media(prefers-color-scheme:dark){body{background:#000}p{color:#333}}</style><main><h1>Dark</h1><p>Who?</p></main>",
  "/small": "<main><h1>Small</h1><p><a href='/a'>a</a><a href='/b'>b</a></p><style>a{font-size:6px;display:inline-block}</style></main>",
  "/wide": "<main><h1>Wide</h1><p style='width:600px'>Wide</p></main>",
  "/elsewhere": "<main><h1>Elsewhere</h1><img alt='' src='http://localhost:1/pixel.png'></main>",
  "/error": "<main><h1>Error</h1></main><script>nothing.here()</script>",
  "/says": "<main><h1>Says</h1></main><script>console.error('a complaint')</script>",
  "/dialog": "<main><h1>Dialog</h1></main><script>alert('ran')</script>",
  "/policy": "<main><h1>Policy</h1></main><script>ran()</script>",
  "/lacks": "<main><h1>Lacks</h1></main><link rel='stylesheet' href='/none.css'>",
};

let site;
before(async () => {
  site = createServer((request, response) => {
    const body = pages[request.url];
    response.statusCode = body ? 200 : 404;
    if (request.url === "/policy") response.setHeader("content-security-policy", "script-src 'none'");
    response.setHeader("content-type", "text/html").end(`<!doctype html><html lang="en"><title>Control</title><body>${body ?? ""}</body></html>`);
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
});
after(() => {
  site.closeAllConnections();
  site.close();
});

async function on(path, look = async () => undefined) {
  const stage = new Scene({ url: `http://127.0.0.1:${site.address().port}` });
  const page = await stage.visitor({ viewport: { width: 320, height: 800 } });
  // A stylesheet that is missing, or an image elsewhere, is part of loading the page.
  await page.goto(path, { waitUntil: "load" });
  const found = await look(page);
  await stage.close();
  return { faults: stage.faults, found };
}

test("a good page has no fault", async () => {
  const { faults, found } = await on("/good", (page) => faultsOf(page, { name: "good" }));
  assert.deepEqual([faults, found], [[], []]);
});

for (const [path, said] of Object.entries({
  "/elsewhere": /another origin: http:\/\/localhost:1\/pixel.png/,
  "/error": /nothing is not defined/,
  "/says": /a complaint/,
  "/dialog": /a dialog: ran/,
  "/policy": /policy|Content Security Policy/,
  "/lacks": /404 from GET/,
})) {
  test(`what is watched for is seen: ${path}`, async () => {
    const { faults } = await on(path);
    assert.ok(faults.some((fault) => said.test(fault)), faults.join("\n"));
  });
}

test("what axe looks for is seen, in both themes", async () => {
  assert.match((await on("/pale", (page) => violations(page))).found.join(), /color-contrast/);
  assert.match((await on("/small", (page) => violations(page))).found.join(), /target-size/);
  const { found } = await on("/dark", (page) => faultsOf(page, { name: "dark" }));
  assert.ok(found.length > 0 && found.every((fault) => fault.includes("dark, dark")), found.join("\n"));
});

test("a page that scrolls sideways is seen", async () => {
  assert.match((await on("/wide", sideways)).found, /600|608/);
});

test("a page that nobody listed is missed", async () => {
  const at = { active: "con_1", key: "key_1", unused: "con_2", paused: "con_3", revoked: "con_4", allowed: "req_1", refused: "req_2", kinds: [], records: [] };
  const lists = JSON.parse(await readFile(setting("CLINICOS_BROWSER_PAGES"), "utf8"));
  assert.ok((await signedIn(at, lists)).length > 20);
  for (const route of [["/console/new-page", "GET"], ["/console/new-form", "POST"]]) {
    const more = { ...lists, console: [...lists.console, route] };
    await assert.rejects(signedIn(at, more), new RegExp(`${route[0]} (is an address|takes forms)`));
  }
});
