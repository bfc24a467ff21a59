//! One request at a time, for what is looked at and not measured.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

use crate::answer::{head_end, status};

const TIME_MAX: Duration = Duration::from_secs(30);

/// The body of a 200; anything else is an error that shows it.
pub fn get(address: SocketAddr, target: &str, key: Option<&str>) -> Result<Vec<u8>> {
    let (status, body) = ask(address, target, key).with_context(|| format!("GET {target} from {address}"))?;
    if status != 200 {
        bail!("GET {target} was answered {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(body)
}

/// The same as JSON.
pub fn get_json(address: SocketAddr, target: &str, key: Option<&str>) -> Result<Json> {
    Ok(serde_json::from_slice(&get(address, target, key)?)?)
}

fn ask(address: SocketAddr, target: &str, key: Option<&str>) -> Result<(u16, Vec<u8>)> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(TIME_MAX))?;
    let key = key.map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
    socket.write_all(format!("GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{key}\r\n").as_bytes())?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer)?;
    let end = head_end(&answer).context("the answer has no end of its head")?;
    let status = status(&answer).context("the answer does not start with a status")?;
    let body = answer.split_off(end);
    let head = String::from_utf8_lossy(&answer).to_ascii_lowercase();
    if head.contains("\r\ntransfer-encoding:") {
        bail!("the answer is chunked; a load could not count it");
    }
    Ok((status, body))
}
