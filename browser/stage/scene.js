// A browser that is watched: it fails its test on a request to another origin, an error in the
// console, a broken content policy, an error or a dialog of a page, and an answer that was not expected.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { setting } from "./server.js";

// A machine may be busy with other things; alone, a test takes a tenth of this.
const TEST_MAX_MS = 240_000;
const ACTION_MAX_MS = 30_000;
const ARGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];
/** Chromium says this of each answer of 400 and above; those are watched as answers. */
const OF_AN_ANSWER = "Failed to load resource: the server responded with a status of";

let launched;
/** The one browser of a file, with an empty profile. */
async function browser() {
  const args = process.getuid?.() === 0 ? ["--no-sandbox", ...ARGS] : ARGS;
  launched ??= chromium.launch({ executablePath: setting("CLINICOS_BROWSER_CHROMIUM"), headless: true, args });
  return launched;
}
after(async () => (await launched)?.close());

export class Scene {
  constructor(server) {
    this.server = server;
    this.contexts = [];
    this.faults = [];
    this.expected = new Set();
    this.origins = new Set([new URL(server.url).origin]);
  }

  /** A browser of its own: no cookies, nothing cached. Gives its first page. */
  async visitor(options = {}) {
    const about = { baseURL: this.server.url, viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options };
    const context = await (await browser()).newContext(about);
    context.setDefaultTimeout(ACTION_MAX_MS);
    this.contexts.push(context);
    await this.watch(context);
    return context.newPage();
  }

  /** A visitor who has accepted an invitation to a clinic. */
  async admin(email, { options, ...invitation } = {}) {
    const page = await this.visitor(options);
    await accept(page, await this.server.invite(email, invitation));
    return page;
  }

  async watch(context) {
    const fault = (text) => this.faults.push(text);
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    context.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== "data:" && !this.origins.has(origin)) fault(`asked another origin: ${request.url()}`);
    });
    context.on("response", (response) => {
      const status = response.status();
      if (status >= 400 && !this.expected.has(status)) fault(`${status} from ${response.request().method()} ${response.url()}`);
    });
    context.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && !text.startsWith(OF_AN_ANSWER)) fault(`the console says: ${text}`);
    });
    context.on("weberror", (error) => fault(`an error on a page: ${error.error().message}`));
    context.on("dialog", async (dialog) => {
      fault(`a dialog: ${dialog.message()}`);
      await dialog.dismiss().catch(() => undefined);
    });
  }

  /** Answers with this status are part of the test from here on. */
  expect(...statuses) {
    for (const status of statuses) this.expected.add(status);
  }

  async picture(name) {
    const pages = this.contexts.flatMap((context) => context.pages());
    const dir = process.env.CLINICOS_BROWSER_FAILURES;
    if (!dir) return;
    await mkdir(dir, { recursive: true });
    const file = (at) => join(dir, `${name.replace(/[^a-z0-9]+/gi, "-")}-${at}.png`);
    await Promise.all(pages.map((page, at) => page.screenshot({ path: file(at) }).catch(() => undefined)));
  }

  async close() {
    await Promise.all(this.contexts.map((context) => context.close()));
  }

  /** Nothing that is watched for has happened. */
  check() {
    assert.deepEqual(this.faults, []);
  }
}

/** A test in watched browsers. */
export function scene(name, server, run, { timeout = TEST_MAX_MS } = {}) {
  test(name, { timeout }, async () => {
    const stage = new Scene(server());
    try {
      await run(stage);
    } catch (error) {
      await stage.picture(name);
      if (stage.faults.length > 0) error.message += `\nmeanwhile: ${stage.faults.join("\n")}`;
      throw error;
    } finally {
      await stage.close();
    }
    stage.check();
  });
}

export const PASSWORD = "four plain words here";

/** Follows an invitation's link and is signed in, under the name it came with or another one. */
export async function accept(page, link, { name } = {}) {
  await page.goto(link);
  if (name !== undefined) await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Start" }).click();
  await page.waitForURL("**/console");
}

/** Fills in the sign-in page. */
export async function signIn(page, email, code = "", password = PASSWORD) {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel("Code from your authenticator app").fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** What a page must never do: scroll sideways. Gives what sticks out, if it does. */
export async function sideways(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement;
    if (scrollWidth <= clientWidth) return null;
    const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
    return `${scrollWidth} > ${clientWidth}: ${wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)).join(" … ")}`;
  });
}
