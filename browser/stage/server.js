// The real server as a process of its own, over a fresh directory, and its command line.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const BINARY = setting("CLINICOS_BROWSER_BINARY");
const READY_MAX_MS = 60_000;
const READY_POLL_MS = 20;
const STOP_MAX_MS = 20_000;

/** What `cargo xtask test browser` hands over. */
export function setting(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set; run \`cargo xtask test browser\``);
  return value;
}

export class Server {
  /**
   * Starts a seeded sandbox. `database` is the URL of an empty PostgreSQL database; without it, SQLite.
   * `lived`: with three months of history, and calls that go on; without, two keys and nothing that moves.
   */
  static async start({ database, clients = 40, invoices = 200, lived = false } = {}) {
    const server = new Server();
    server.dir = await mkdtemp(join(tmpdir(), "clinicos-browser-"));
    server.data = join(server.dir, "data");
    const args = ["demo", "--json", "--listen", "127.0.0.1:0", "--data-dir", server.data];
    args.push("--clients", String(clients), "--invoices", String(invoices));
    if (!lived) args.push("--still");
    const env = database ? { ...process.env, CLINICOS_DATABASE_URL: database } : process.env;
    server.process = spawn(BINARY, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    server.ended = once(server.process, "exit");
    const line = await Promise.race([
      once(createInterface({ input: server.process.stdout }), "line").then(([line]) => line),
      server.ended.then(([code]) => assert.fail(`the server ended with ${code} before it was ready`)),
    ]);
    server.made = JSON.parse(line);
    server.url = server.made.base_url;
    await server.ready();
    return server;
  }

  async ready() {
    const end = Date.now() + READY_MAX_MS;
    for (;;) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      if (answer?.status === 200) return;
      assert.ok(Date.now() < end, "the server is not ready");
      await new Promise((next) => setTimeout(next, READY_POLL_MS));
    }
  }

  /** Runs `clinicos ARGS --json` on the same directory; gives what it printed. */
  async command(...args) {
    const { stdout } = await promisify(execFile)(BINARY, [...args, "--json", "--data-dir", this.data]);
    return JSON.parse(stdout);
  }

  /** A clinic of one's own, for a test that nothing else may disturb. */
  async clinic(name = "Maple Street Animal Clinic") {
    return this.command("clinic", "create", "--organization", name, "--name", name);
  }

  /** Invites a person; gives the link that works once. */
  async invite(email, { clinic = this.made.clinic_id, name = "Sam Rivera", role = "Admin" } = {}) {
    const words = ["--clinic", clinic, "--email", email, "--name", name, "--role", role, "--public-url", this.url];
    return (await this.command("user", "invite", ...words)).setup_url;
  }

  /** Calls the API with a key. */
  async call(key, path, { method = "GET", body, headers = {} } = {}) {
    const sent = { authorization: `Bearer ${key}`, ...headers };
    if (body !== undefined) sent["content-type"] = "application/json";
    if (method === "POST") sent["idempotency-key"] = crypto.randomUUID();
    const answer = await fetch(this.url + path, { method, headers: sent, body: body && JSON.stringify(body) });
    return { status: answer.status, json: await answer.json().catch(() => null) };
  }

  /** Makes a key with the clinic's admin key. */
  async key(name, scopes, more = {}) {
    const body = { name, run_by: `${name} Inc.`, purpose: "operations", reason: "Keeps our books in order", scopes, ...more };
    const made = await this.call(this.made.admin_key, "/v1/keys", { method: "POST", body });
    assert.equal(made.status, 201, JSON.stringify(made.json));
    return made.json;
  }

  /** Stops it as an operator does; it must end well. */
  async stop() {
    this.process.kill("SIGTERM");
    const late = setTimeout(() => this.process.kill("SIGKILL"), STOP_MAX_MS);
    const [code] = await this.ended;
    clearTimeout(late);
    await rm(this.dir, { recursive: true, force: true });
    assert.equal(code, 0, "the server must end well when it is told to stop");
  }
}
