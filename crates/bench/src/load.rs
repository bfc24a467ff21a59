//! A closed-loop load: each connection sends its next request when the answer to the one
//! before has arrived.
//!
//! It must cost far less than what it measures, on one core: request bytes are made once,
//! answers are only counted, and one thread waits for all sockets. It runs as a process of
//! its own, pinned away from the server, and is told its job in one line of JSON.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use serde::{Deserialize, Serialize};

use crate::answer::{Counter, Step};
use crate::histogram::Histogram;

/// Most bytes taken from a socket at once; a list of fifty fits.
const READ_BYTES: usize = 128 << 10;
/// How long the load waits for any answer before it gives up.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// What to send, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// The server.
    pub address: SocketAddr,
    /// The key to show, if one is needed.
    pub key: Option<String>,
    /// What to ask for, in turn.
    pub targets: Vec<String>,
    /// How many connections ask at the same time.
    pub connections: usize,
    /// Seconds that are not counted, at the start.
    pub warm_s: f64,
    /// Seconds that are counted.
    pub counted_s: f64,
}

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// All answers, those of the warm-up and those that came after the end included.
    pub answers: u64,
    /// Answers a second while they were counted.
    pub rate: f64,
    /// Half of the answers came within this many microseconds.
    pub p50_us: u64,
    /// All but one in a hundred did.
    pub p99_us: u64,
    /// Answers other than 200.
    pub refused: u64,
    /// The status of the first of those.
    pub refused_status: u16,
}

/// Runs the job that stands on the standard input, and prints the outcome.
pub fn serve_one() -> Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let job: Job = serde_json::from_str(&text).context("the job on the standard input")?;
    println!("{}", serde_json::to_string(&run(&job)?)?);
    Ok(())
}

/// Runs a job.
pub fn run(job: &Job) -> Result<Outcome> {
    let requests: Vec<Vec<u8>> = job.targets.iter().map(|target| request(job, target)).collect();
    let mut load = Load::open(job, &requests)?;
    let start = Instant::now();
    let counted_from = start + Duration::from_secs_f64(job.warm_s);
    let counted_to = counted_from + Duration::from_secs_f64(job.counted_s);
    load.work(counted_from, counted_to)?;
    Ok(Outcome {
        answers: load.answers,
        rate: load.latencies.count() as f64 / job.counted_s,
        p50_us: load.latencies.at(0.50),
        p99_us: load.latencies.at(0.99),
        refused: load.refused,
        refused_status: load.refused_status,
    })
}

fn request(job: &Job, target: &str) -> Vec<u8> {
    let key = job.key.as_ref().map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
    format!("GET {target} HTTP/1.1\r\nhost: {}\r\n{key}\r\n", job.address).into_bytes()
}

struct Connection {
    socket: TcpStream,
    counter: Counter,
    /// Which request is next.
    next: usize,
    sent: Instant,
}

struct Load<'r> {
    requests: &'r [Vec<u8>],
    connections: Vec<Connection>,
    poll: Poll,
    latencies: Histogram,
    answers: u64,
    refused: u64,
    refused_status: u16,
}

impl<'r> Load<'r> {
    fn open(job: &Job, requests: &'r [Vec<u8>]) -> Result<Self> {
        if requests.is_empty() {
            bail!("there is nothing to ask for");
        }
        let poll = Poll::new()?;
        let mut connections = Vec::with_capacity(job.connections);
        for place in 0..job.connections {
            let socket = std::net::TcpStream::connect(job.address).with_context(|| format!("connecting to {}", job.address))?;
            socket.set_nodelay(true)?;
            socket.set_nonblocking(true)?;
            let mut socket = TcpStream::from_std(socket);
            poll.registry().register(&mut socket, Token(place), Interest::READABLE)?;
            // Connections start at different places, so that they do not ask for the same at once.
            let next = place * requests.len() / job.connections;
            connections.push(Connection { socket, counter: Counter::default(), next, sent: Instant::now() });
        }
        let (latencies, answers) = (Histogram::default(), 0);
        Ok(Self { requests, connections, poll, latencies, answers, refused: 0, refused_status: 0 })
    }

    fn work(&mut self, counted_from: Instant, counted_to: Instant) -> Result<()> {
        let mut scratch = vec![0; READ_BYTES];
        let mut events = Events::with_capacity(1024);
        for connection in &mut self.connections {
            connection.send(self.requests)?;
        }
        // Who was asked is heard to the end, so that the server is left with nothing to do.
        let mut open = self.connections.len();
        while open > 0 {
            match self.poll.poll(&mut events, Some(SILENCE_MAX)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            }
            if events.is_empty() {
                bail!("no answer came for {} seconds", SILENCE_MAX.as_secs());
            }
            for event in &events {
                let Some(connection) = self.connections.get_mut(event.token().0) else { continue };
                let Some(status) = connection.receive(&mut scratch)? else { continue };
                let now = Instant::now();
                self.answers += 1;
                if status != 200 {
                    self.refused += 1;
                    self.refused_status = if self.refused == 1 { status } else { self.refused_status };
                }
                if now >= counted_from && now < counted_to {
                    self.latencies.add(now.duration_since(connection.sent));
                }
                if now < counted_to {
                    connection.send_at(self.requests, now)?;
                } else {
                    open -= 1;
                }
            }
        }
        Ok(())
    }
}

impl Connection {
    fn send(&mut self, requests: &[Vec<u8>]) -> Result<()> {
        self.send_at(requests, Instant::now())
    }

    fn send_at(&mut self, requests: &[Vec<u8>], now: Instant) -> Result<()> {
        let request = requests.get(self.next).map(Vec::as_slice).unwrap_or_default();
        self.next = if self.next + 1 < requests.len() { self.next + 1 } else { 0 };
        self.sent = now;
        // Nothing else is under way on the connection, so a request always fits its buffer.
        let written = self.socket.write(request)?;
        if written < request.len() {
            bail!("the socket took only {written} bytes of a request");
        }
        Ok(())
    }

    /// Reads what is there. The status, once an answer is complete.
    fn receive(&mut self, scratch: &mut [u8]) -> Result<Option<u16>> {
        loop {
            let count = match self.socket.read(scratch) {
                Ok(0) => bail!("the server closed a connection"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let filled = scratch.get(..count).unwrap_or_default();
            if let Step::Complete(status) = self.counter.take(filled)? {
                return Ok(Some(status));
            }
            // A read that did not fill the buffer has emptied the socket: the next bytes wake us.
            if count < scratch.len() {
                return Ok(None);
            }
        }
    }
}
