//! Web origins (RFC 6454), as browsers write them into the `Origin` header.
//!
//! An origin has one spelling, so that it can be compared byte by byte: what a browser would
//! write in another way is not accepted at all.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Most characters: a scheme, a host name of 253, and a port.
pub const ORIGIN_CHARS_MAX: usize = 267;
/// Most characters of a host name (RFC 1035).
const HOST_CHARS_MAX: usize = 253;
/// Most characters of a part of it.
const LABEL_CHARS_MAX: usize = 63;

/// Whether a text is an origin whose pages may call: `https`, or `http` on this very machine,
/// with a host in lower case and a port only where it is not the scheme's own.
pub fn is_web_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let (host, port) = match authority.rsplit_once(':') {
        // A colon within brackets belongs to an IPv6 address.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let usual = match scheme {
        "https" => 443,
        "http" if is_this_machine(host) => 80,
        _ => return false,
    };
    is_host(host) && port.is_none_or(|port| is_port(port, usual))
}

/// Only these are safe without TLS: nothing of it crosses a network.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Written without leading zeros, and left out where it is the usual one.
fn is_port(text: &str, usual: u16) -> bool {
    text.parse::<u16>().is_ok_and(|port| port != 0 && port != usual && port.to_string() == text)
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().is_ok_and(|address| address.to_string() == inner);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    // Browsers read a host that ends in a number as an IPv4 address.
    if last.starts_with(|first: char| first.is_ascii_digit()) && last.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'x')
    {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.len() <= HOST_CHARS_MAX && host.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=LABEL_CHARS_MAX).contains(&label.len()) && label.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        for good in [
            "https://tool.example",
            "https://tool.example:8443",
            "https://a.b-c.xn--bcher-kva.example",
            "https://1tool.example",
            "https://192.0.2.7",
            "https://[2001:db8::7]:8443",
            "https://localhost",
            "http://localhost",
            "http://localhost:5173",
            "http://127.0.0.1:3000",
            "http://127.8.0.1",
            "http://[::1]:3000",
        ] {
            assert!(is_web_origin(good), "{good}");
        }
        let long = format!("https://{}.example", "a".repeat(64));
        let longer = format!("https://{}example", "abcdefgh.".repeat(30));
        for bad in [
            "",
            "*",
            "null",
            "tool.example",
            "https://",
            "https://*",
            "https://*.tool.example",
            "https://tool.example/",
            "https://tool.example/path",
            "https://tool.example?x",
            "https://Tool.example",
            "HTTPS://tool.example",
            "https://tool.example:443",
            "https://tool.example:0",
            "https://tool.example:08443",
            "https://tool.example:65536",
            "https://tool.example:",
            "https://tool.example:+1",
            "https://tool.example.",
            "https://tool..example",
            "https://b\u{fc}cher.example",
            "https://user@tool.example",
            "https://tool.example https://other.example",
            "https://192.0.2.007",
            "https://192.0.2",
            "https://0x7f",
            "https://[2001:DB8::7]",
            "https://[2001:db8:0::7]",
            "https://[::1",
            "http://tool.example",
            "http://localhost:80",
            "http://localhost.example",
            "http://192.168.0.1",
            "http://127.0.0.1.example",
            "ftp://tool.example",
            "file://",
            "chrome-extension://abcdefgh",
            "javascript:alert(1)",
            &long,
            &longer,
        ] {
            assert!(!is_web_origin(bad), "{bad}");
        }
    }
}
