// A day at a clinic: the connections that a practice has, and calls that they make.
import assert from "node:assert/strict";

const CONNECTIONS = {
  reminders: ["Happy Tails Reminders", "Happy Tails, Inc.", "reminders", "Sends reminders for vaccinations", ["clients:read"]],
  labs: ["Northside Lab", "Northside Diagnostics", "treatment", "Puts results beside the visit", ["clients:read", "invoices:read"]],
  card: ["Front desk card reader", "Tally Payments", "payment", "Records card payments at the desk", ["invoices:read", "payments:write"]],
  figures: ["Group dashboard", "Harbor Animal Group", "operations", "Monthly figures for the partners", ["invoices:read", "payments:read"]],
  old: ["Old booking site", "Petbook Ltd.", "service_messaging", "Online booking until last spring", ["clients:write"]],
};

/** Makes them. Gives the ids of connections. */
export async function day(server) {
  const made = {};
  for (const [id, [name, run_by, purpose, reason, scopes]] of Object.entries(CONNECTIONS)) {
    made[id] = await server.key(name, scopes, { run_by, purpose, reason });
  }
  const listed = await server.call(server.made.admin_key, "/v1/connections?limit=50");
  const books = listed.json.data.find((one) => one.name === "Acme Books");
  const get = (key, path, times) => calls(server, key, path, times);
  await get(server.made.financial_key, "/v1/invoices?limit=50", 24);
  await get(made.reminders.secret, "/v1/clients?limit=25", 12);
  await get(made.figures.secret, "/v1/payments?limit=100", 9);
  await get(made.labs.secret, "/v1/clients?limit=2", 5);
  await get(made.card.secret, "/v1/invoices?limit=3", 6);
  await get(made.old.secret, "/v1/invoices", 21);
  const pause = { method: "POST", body: { reason: "We moved to another booking site" } };
  await server.call(server.made.admin_key, `/v1/connections/${made.old.connection_id}/pause`, pause);
  await get(server.made.financial_key, "/v1/clients", 1);
  await get(server.made.financial_key, "/v1/payments?limit=50", 3);
  await get(made.card.secret, "/v1/invoices?limit=1", 1);
  await get(server.made.financial_key, "/v1/invoices?limit=42", 1);
  return { books: books.id };
}

async function calls(server, key, path, times) {
  for (let time = 0; time < times; time += 1) {
    const { status } = await server.call(key, path);
    assert.ok(status === 200 || status === 403, `${path}: ${status}`);
  }
}
