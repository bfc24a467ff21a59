// Ways in (abuse case C11): a form that one browser was shown opens nothing in another one, nor from another site.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, before } from "node:test";
import { PASSWORD, accept, scene } from "../stage/scene.js";
import { Server } from "../stage/server.js";

const EMAIL = "owner@harbor.example";

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

/** The form's token on the page that is open. */
const token = (page) => page.locator("main [name=csrf]").first().inputValue();
const session = async (page) => (await page.context().cookies()).find((cookie) => cookie.name.includes("clinicos_session_"));

/** Sends the form of the page that is open with another one's token, and waits for the page that follows. */
async function sendWith(page, csrf) {
  await page.locator("main [name=csrf]").first().evaluate((field, csrf) => (field.value = csrf), csrf);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.waitForEvent("load"),
    page.locator("main form").first().evaluate((form) => form.requestSubmit()),
  ]);
  return answer.status();
}

scene("C11: a form of one browser is refused in another one", () => server, async (stage) => {
  stage.expect(403);
  await accept(await stage.visitor(), await server.invite(EMAIL));
  const invitation = await server.invite("second@harbor.example");
  const fill = {
    "/console/sign-in": async (page) => {
      await page.getByLabel("E-mail address").fill(EMAIL);
      await page.getByLabel("Password").fill(PASSWORD);
    },
    [invitation]: async (page) => {
      await page.getByLabel("Your name").fill("Eve");
      await page.getByLabel("Password").fill(PASSWORD);
    },
  };
  for (const [path, type] of Object.entries(fill)) {
    const mine = await stage.visitor();
    await mine.goto(path);
    const theirs = await stage.visitor();
    await theirs.goto(path);
    await type(theirs);
    assert.equal(await sendWith(theirs, await token(mine)), 403, path);
    assert.equal(await session(theirs), undefined, path);
    // The same with the token it was shown, but without the cookie that the token is bound to.
    await theirs.goto(path);
    await type(theirs);
    const shown = await token(theirs);
    await theirs.context().clearCookies();
    assert.equal(await sendWith(theirs, shown), 403, `${path} without its cookie`);
    assert.equal(await session(theirs), undefined, path);
    // And it is no form that never works.
    await theirs.goto(path);
    await type(theirs);
    assert.equal(await sendWith(theirs, await token(theirs)), 303, path);
    assert.ok(await session(theirs), path);
  }
});

scene("C11: another site's form signs nobody in and changes nothing", () => server, async (stage) => {
  stage.expect(403);
  const page = await stage.admin("lured@harbor.example");
  const before = await session(page);
  // What a lure would need to know at most: a token that was shown to the attacker's own browser.
  const attacker = await stage.visitor();
  await attacker.goto("/console/sign-in");
  const csrf = await token(attacker);
  for (const [action, fields] of Object.entries({
    "/console/sign-in": { email: EMAIL, password: PASSWORD },
    "/console/emergency": { writes: "stop", reason: "A prank" },
    "/console/sign-out": {},
  })) {
    const inputs = Object.entries({ csrf, ...fields }).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
    const html = `<!doctype html><title>A lure</title><form method="post" action="${server.url}${action}">${inputs.join("")}<button>Win</button></form>`;
    const site = createServer((_, response) => response.setHeader("content-type", "text/html").end(html)).listen(0, "localhost");
    await once(site, "listening");
    const lure = `http://localhost:${site.address().port}`;
    stage.origins.add(lure);
    try {
      await page.goto(lure);
      const [answer] = await Promise.all([page.waitForResponse((response) => response.request().method() === "POST"), page.getByRole("button").click()]);
      assert.equal(answer.status(), 403, action);
    } finally {
      site.closeAllConnections();
      site.close();
    }
  }
  assert.equal((await session(page)).value, before.value, "whoever was signed in still is");
  await page.goto("/console");
  assert.equal(await page.getByText("All changes are stopped").count(), 0);
});
