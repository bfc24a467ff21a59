// A clinic in which something has happened: connections in every state, calls allowed and refused.
import assert from "node:assert/strict";

/** Fills the demo's clinic. Gives the ids that pages are about. `words` makes names and reasons. */
export async function lived(server, words = (text) => text) {
  const more = (text) => ({ run_by: words(`${text} Ltd`), reason: words(`${text} asked for it`) });
  const active = await server.key(words("Lab results"), ["clients:read", "clients:write", "invoices:read"], more("Lab"));
  const unused = await server.key(words("Reminders"), ["clients:read"], more("Reminders"));
  const paused = await server.key(words("Card terminal"), ["payments:read", "payments:write"], more("Terminal"));
  const revoked = await server.key(words("Old software"), ["invoices:read"], more("Old"));
  const allowed = await read(server, active.secret, "/v1/invoices?limit=20", 200);
  const refused = await read(server, active.secret, "/v1/payments", 403);
  await read(server, active.secret, "/v1/clients?limit=5", 200);
  await change(server, paused.connection_id, "pause", words("Looking into last night"));
  await change(server, revoked.connection_id, "revoke", words("We changed to another one"));
  return {
    active: active.connection_id,
    unused: unused.connection_id,
    paused: paused.connection_id,
    revoked: revoked.connection_id,
    allowed,
    refused,
  };
}

async function read(server, key, path, status) {
  const answer = await fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } });
  assert.equal(answer.status, status, path);
  return answer.headers.get("x-request-id");
}

async function change(server, connection, what, reason) {
  const done = await server.call(server.made.admin_key, `/v1/connections/${connection}/${what}`, { method: "POST", body: { reason } });
  assert.equal(done.status, 200, JSON.stringify(done.json));
}
