//! A browser of one person: it keeps cookies and one connection, and takes answers compressed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

const TIME_MAX: Duration = Duration::from_secs(60);

/// An answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body as it came, compressed if the server chose to.
    pub body: Vec<u8>,
    /// From the first byte sent to the last received.
    pub took: Duration,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A browser.
pub struct Browser {
    address: SocketAddr,
    socket: BufReader<TcpStream>,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Connects, with these cookies.
    pub fn open(address: SocketAddr, cookies: BTreeMap<String, String>) -> Result<Self> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(TIME_MAX))?;
        Ok(Self { address, socket: BufReader::with_capacity(256 << 10, socket), cookies })
    }

    /// The cookies that it has.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.clone()
    }

    /// Loads a page as a browser does.
    pub fn load(&mut self, target: &str) -> Result<Answer> {
        self.send("GET", target, &[("accept-encoding", "gzip")], "")
    }

    /// Loads a page to read in it.
    pub fn read(&mut self, target: &str) -> Result<String> {
        let answer = self.send("GET", target, &[], "")?;
        if answer.status != 200 {
            bail!("{target} was answered {}: {}", answer.status, answer.text());
        }
        Ok(answer.text())
    }

    /// Sends something.
    pub fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {}\r\ncookie: {cookies}\r\n", self.address);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        let began = Instant::now();
        self.socket.get_mut().write_all(request.as_bytes())?;
        let (status, length) = self.head().with_context(|| format!("{method} {target}"))?;
        let body = match length {
            Some(length) => self.exactly(length)?,
            None => self.chunks()?,
        };
        Ok(Answer { status, body, took: began.elapsed() })
    }

    /// The status, and the length of the body unless it comes in chunks.
    fn head(&mut self) -> Result<(u16, Option<usize>)> {
        let status = self.line()?.split(' ').nth(1).context("the answer has no status")?.parse()?;
        let mut length = None;
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else { return Ok((status, length)) };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Some(value.parse()?),
                "set-cookie" => {
                    let pair = value.split(';').next().and_then(|pair| pair.split_once('='));
                    self.cookies.extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
                }
                _ => {}
            }
        }
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let length = usize::from_str_radix(&self.line()?, 16)?;
            body.extend(self.exactly(length)?);
            self.line()?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.socket.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.socket.read_line(&mut line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }
}
