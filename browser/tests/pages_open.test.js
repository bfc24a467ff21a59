// Every page that anybody may see: documentation, reference, problems, sign-in, welcome, errors.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { faultsOf } from "../stage/looks.js";
import { open } from "../stage/pages.js";
import { scene } from "../stage/scene.js";
import { Server } from "../stage/server.js";

const LONG_MS = 480_000;

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

scene("every open page is accessible and fits", () => server, async (stage) => {
  const page = await stage.visitor();
  stage.expect(401, 404, 422);
  const faults = [];
  for (const one of await open(server, { invitation: await server.invite("open@harbor.example") })) {
    await one.reach(page);
    faults.push(...(await faultsOf(page, one)));
  }
  assert.deepEqual(faults, []);
}, { timeout: LONG_MS });
