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
  const person = await invited(server, words("Noa Berg"));
  const kinds = await recorded(server);
  const records = [];
  for (const kind of kinds) {
    const { json } = await server.call(server.made.admin_key, `/v1/${kind}?limit=1`);
    records.push(...json.data.map((one) => `${kind}/${one.id}`));
  }
  return {
    person,
    kinds,
    records,
    checked: await sent(server, words("Exports of May"), true),
    imported: await sent(server, words("Exports of June"), false),
    asked: await sent(server, words("Exports of July"), true, UNFINISHED),
    active: active.connection_id,
    key: active.id,
    unused: unused.connection_id,
    paused: paused.connection_id,
    revoked: revoked.connection_id,
    allowed,
    refused,
  };
}

/** The kinds of records of a clinic, as the API describes itself: each has identifiers in other systems. */
async function recorded(server) {
  const { paths, components } = await (await fetch(`${server.url}/v1/openapi.json`)).json();
  const isRecord = ([path, { get }]) => {
    const page = get?.responses["200"]?.content?.["application/json"]?.schema?.$ref?.split("/").at(-1);
    return !path.includes("{") && page?.endsWith("_page") && components.schemas[page.replace(/_page$/, "")]?.properties?.external_ids;
  };
  const kinds = Object.entries(paths).filter(isRecord).map(([path]) => path.replace("/v1/", ""));
  assert.ok(kinds.includes("clients") && kinds.includes("appointments"), kinds.join());
  return kinds;
}

/** Invites somebody who does not come. Gives the person's id. */
async function invited(server, name) {
  const email = `colleague.${crypto.randomUUID()}@harbor.example`;
  await server.invite(email, { name, role: "CSR" });
  const { data } = await server.command("user", "list", "--clinic", server.made.clinic_id);
  return data.find((one) => one.email === email).id;
}

const OWNERS = "OwnerID,First Name,Last Name,Address,City,Phone\n1,Ann,Doe,1 Elm St.,Madison,6085550100\nx,,,,,\n";
const PETS = "PetID,Name,Birth Date,Species,OwnerID\n1,Leo,2010-09-07,cat,1\n2,Max,yesterday,dog,1\n";

/** A mapping of which something is left to be said, and all of which can be chosen. */
const UNFINISHED = `todo = ["pets.csv: Choose the column that tells its records apart."]
system = "old"
group_mark = ","
[[file]]
name = "owners.csv"
resource = "clients"
key = "OwnerID"
[file.fields]
given_name = "First Name"
family_name = "Last Name"
`;

/** Sends files with a record that is wrong, and waits until they are through. Gives the import's id. */
async function sent(server, name, dry_run, mapping = "petclinic") {
  const writes = ["clients", "patients", "imports"].map((resource) => `${resource}:write`);
  const { secret } = await server.key("Import", ["imports:read", ...writes]);
  const post = async (path, body, status) => {
    const answer = await server.call(secret, path, { method: "POST", body });
    assert.equal(answer.status, status, JSON.stringify(answer.json));
    return answer.json;
  };
  const { id } = await post("/v1/imports", { name, mapping }, 201);
  for (const [name, text] of Object.entries({ "owners.csv": OWNERS, "pets.csv": PETS })) {
    await post(`/v1/imports/${id}/files`, { name, part: 1, content: Buffer.from(text).toString("base64") }, 201);
  }
  await post(`/v1/imports/${id}/start`, { dry_run }, 200);
  for (;;) {
    const { json } = await server.call(secret, `/v1/imports/${id}`);
    assert.notEqual(json.state, "failed", JSON.stringify(json));
    if (json.state === "checked" || json.state === "done") return id;
    await new Promise((next) => setTimeout(next, 20));
  }
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
