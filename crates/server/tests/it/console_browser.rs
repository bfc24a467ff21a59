//! A browser without scripts, for tests of the console.

use std::collections::BTreeMap;
use std::net::IpAddr;

use clinicos_testkit::{Call, Reply, World};
use serde_json::json;

pub const PASSWORD: &str = "four plain words here";

/// A browser: it keeps cookies and sends forms as pages made them.
pub struct Browser<'w> {
    world: &'w World,
    pub cookies: BTreeMap<String, String>,
    pub page: String,
    /// Where it comes from.
    pub address: Option<IpAddr>,
    /// What it says that it is.
    pub agent: String,
}

impl<'w> Browser<'w> {
    pub fn new(world: &'w World) -> Self {
        Self { world, cookies: BTreeMap::new(), page: String::new(), address: None, agent: String::new() }
    }

    pub async fn send(&mut self, call: Call) -> Reply {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let mut call = call.header("cookie", cookies);
        if !self.agent.is_empty() {
            call = call.header("user-agent", &*self.agent);
        }
        call.peer = self.address;
        let reply = self.world.send(call).await;
        for cookie in reply.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name)
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned())
            };
        }
        self.page = String::from_utf8_lossy(&reply.bytes).into_owned();
        reply
    }

    /// The cookie of this kind, with the name that it has at this installation.
    pub fn cookie(&self, kind: &str) -> Option<(String, String)> {
        let begin = format!("clinicos_{kind}_");
        self.cookies.iter().find(|(name, _)| name.starts_with(&begin)).map(|(name, value)| (name.clone(), value.clone()))
    }

    /// Loads a page.
    pub async fn open(&mut self, target: &str) -> Reply {
        self.send(Call::get(target)).await
    }

    /// The token of the page that is open.
    pub fn csrf(&self) -> String {
        hidden(&self.page, "csrf").unwrap_or_default()
    }

    /// Sends a form of the page that is open.
    pub async fn submit(&mut self, target: &str, fields: &[(&str, &str)]) -> Reply {
        let mut form = vec![("csrf", self.csrf())];
        form.extend(hidden(&self.page, "version").map(|version| ("version", version)));
        form.extend(fields.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let body = form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&");
        self.send_form(target, &body).await
    }

    /// Sends a form as it stands.
    pub async fn send_form(&mut self, target: &str, body: &str) -> Reply {
        let mut call = Call::new("POST", target).header("content-type", "application/x-www-form-urlencoded");
        call.body = body.to_owned().into();
        self.send(call).await
    }

    /// Accepts an invitation; signed in afterwards.
    pub async fn accept(&mut self, token: &str) {
        self.open(&format!("/console/welcome?token={token}")).await.expect(200);
        let reply = self.submit("/console/welcome", &[("token", token), ("name", "Sam"), ("password", PASSWORD)]).await;
        assert_eq!((reply.status, location(&reply)), (303, "/console"), "{}", self.page);
    }

    /// Signs the clinic's admin in again, after a session ran out.
    pub async fn sign_in_again(&mut self) {
        self.cookies.clear();
        self.sign_in("sam@clinic.example", PASSWORD, "").await.expect(303);
    }

    pub async fn sign_in(&mut self, email: &str, password: &str, code: &str) -> Reply {
        self.open("/console/sign-in").await.expect(200);
        self.submit("/console/sign-in", &[("email", email), ("password", password), ("code", code)]).await
    }
}

/// The form that sends files to be imported, as a browser encodes it.
pub fn files_form(csrf: &str, mapping: &str, files: &[(&str, &str)]) -> Call {
    let part = |head: &str, value: &str| format!("--xYz\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n");
    let mut body = part("name=\"csrf\"", csrf) + &part("name=\"mapping\"", mapping) + &part("name=\"own_mapping\"", "");
    body += &part("name=\"program\"", "Old One");
    for (name, text) in files {
        body += &part(&format!("name=\"file\"; filename=\"{name}\""), text);
    }
    let mut call = Call::new("POST", "/console/import").header("content-type", "multipart/form-data; boundary=xYz");
    call.body = (body + "--xYz--\r\n").into();
    call
}

/// An address of a page, with something in the place of each parameter.
pub fn target_of(path: &str) -> String {
    let filled = [
        ("{page}", "limits"),
        ("{resource}", "invoices"),
        ("{id}", "con_1"),
        ("{request_id}", "req_1"),
        ("{control}", "pause"),
        ("{name}", "export.json"),
        ("{*path}", "x.css"),
    ];
    filled.into_iter().fold(path.to_owned(), |target, (name, value)| target.replace(name, value))
}

pub fn location(reply: &Reply) -> &str {
    reply.headers.get("location").map_or("", |value| value.to_str().unwrap())
}

/// The first hidden value of this name.
pub fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split('"').next()?.to_owned())
}

/// The token of a form, without the pad behind which a page shows it.
pub fn unmasked(token: &str) -> String {
    let bytes: Vec<u8> = (0..token.len()).step_by(2).map(|at| u8::from_str_radix(&token[at..at + 2], 16).unwrap()).collect();
    let (pad, masked) = bytes.split_at(bytes.len() / 2);
    pad.iter().zip(masked).map(|(pad, byte)| format!("{:02x}", pad ^ byte)).collect()
}

pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Invites a person to the clinic that tests are about; gives the token.
pub async fn invite(world: &World, email: &str, role: &str) -> String {
    let target = format!("/v1/users?clinic_id={}", world.clinic.clinic_id);
    let body = json!({"email": email, "name": "Sam", "role": role});
    world.as_operator().post(&target, &body).await.expect(201).text("invitation").to_owned()
}

pub async fn admin(world: &World) -> Browser<'_> {
    let token = invite(world, "sam@clinic.example", "Admin").await;
    let mut browser = Browser::new(world);
    browser.accept(&token).await;
    browser
}

/// Bytes in base 32.
pub fn unbase32(text: &str) -> Vec<u8> {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = text
        .bytes()
        .flat_map(|byte| {
            let value = letters.iter().position(|letter| *letter == byte).unwrap();
            (0..5).rev().map(move |bit| (value >> bit & 1) as u8)
        })
        .collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit)).collect()
}
