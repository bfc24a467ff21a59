//! A small HTTP/1.1 client for load and checks: one connection, kept open, one call at a time.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Longest wait for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Largest answer that is read.
const BODY_BYTES_MAX: usize = 64 << 20;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The id of the request, which its audit entry carries.
    pub fn request_id(&self) -> Option<&str> {
        self.header("request-id").or_else(|| self.header("x-request-id"))
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("status {} with a body that is no JSON", self.status))
    }

    /// The body as JSON, if the call succeeded.
    pub fn success(&self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!("status {}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        self.json()
    }
}

/// A connection to one server as one caller. After an error it must be dropped.
pub struct Client {
    host: String,
    key: String,
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects to `http://host:port`.
    pub fn connect(base_url: &str, key: &str) -> Result<Self> {
        let host = base_url.strip_prefix("http://").context("only `http://` is spoken here")?.trim_end_matches('/').to_owned();
        let stream = TcpStream::connect(&host).with_context(|| format!("cannot connect to {host}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        Ok(Self { host, key: key.to_owned(), stream: BufReader::new(stream) })
    }

    /// A GET.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.call("GET", path, None, None)
    }

    /// A POST that may be repeated under its key.
    pub fn post(&mut self, path: &str, idempotency_key: &str, body: &Value) -> Result<Answer> {
        self.call("POST", path, Some(("Idempotency-Key", idempotency_key)), Some(body))
    }

    /// A PATCH of the version that was read.
    pub fn patch(&mut self, path: &str, etag: &str, body: &Value) -> Result<Answer> {
        self.call("PATCH", path, Some(("If-Match", etag)), Some(body))
    }

    /// A DELETE of the version that was read.
    pub fn delete(&mut self, path: &str, etag: &str) -> Result<Answer> {
        self.call("DELETE", path, Some(("If-Match", etag)), None)
    }

    fn call(&mut self, method: &str, path: &str, header: Option<(&str, &str)>, body: Option<&Value>) -> Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n", self.host, self.key);
        if let Some((name, value)) = header {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = body {
            let body = body.to_string();
            request.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
        } else {
            request.push_str("\r\n");
        }
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.read_answer()
    }

    fn read_answer(&mut self) -> Result<Answer> {
        let status_line = self.line()?;
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status line")?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').context("a header without a colon")?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        answer.body = match answer.header("transfer-encoding") {
            Some("chunked") => self.chunks()?,
            _ => {
                let length = answer.header("content-length").map_or(Ok(0), str::parse)?;
                self.bytes(length)?
            }
        };
        Ok(answer)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the connection was closed");
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        if length > BODY_BYTES_MAX {
            bail!("an answer of {length} bytes");
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let length = usize::from_str_radix(digits, 16).context("a chunk without a length")?;
            body.extend(self.bytes(length)?);
            self.line()?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Client;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    /// Answers each request on one connection with the next text.
    fn server(answers: &'static [&'static str]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a caller");
            let mut buffer = [0; 4096];
            for answer in answers {
                if stream.read(&mut buffer).unwrap_or(0) == 0 || stream.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
        });
        format!("http://{address}")
    }

    #[test]
    fn reads_lengths_and_chunks_on_one_connection() {
        let base = server(&[
            "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nRequest-Id: req_1\r\n\r\n{\"a\": 1}",
            "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
        ]);
        let mut client = Client::connect(&base, "key").expect("connects");
        let first = client.get("/a").expect("an answer");
        assert_eq!((first.status, first.request_id()), (200, Some("req_1")));
        assert_eq!(first.json().expect("JSON")["a"], 1);
        let second = client.get("/b").expect("an answer");
        assert_eq!((second.status, second.body.as_slice()), (403, b"{}".as_slice()));
        assert!(second.success().is_err());
        assert_eq!(client.get("/c").expect("an answer").status, 204);
        assert!(client.get("/d").is_err(), "the connection is closed");
    }
}
