//! Who called, when proxies stand in front.
//!
//! Each hop adds the address that it heard from at the right end of `X-Forwarded-For`. What a
//! trusted proxy added is believed; whatever stands left of that is the caller's own say.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderMap;
use http::header::HeaderName;
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Proxies on this very machine, which are trusted unless others are named.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub struct Trusted {
    networks: Arc<[IpNet]>,
    /// Whether the log was told of a proxy that is not believed.
    told: Arc<AtomicBool>,
}

impl Trusted {
    /// Nobody: whoever connects is the caller.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Proxies of these networks; those on this very machine, if none is named.
    pub fn of(named: &[IpNet]) -> Self {
        let usual = || LOOPBACK.iter().filter_map(|network| network.parse().ok()).collect();
        let networks = if named.is_empty() { usual() } else { named.into() };
        Self { networks, told: Arc::default() }
    }

    /// Whether an address is a proxy's that is believed.
    pub fn holds(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The caller: from the peer leftwards through what trusted proxies added, the first address
    /// that is none of theirs. What cannot be read ends the way.
    pub fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut caller = peer.to_canonical();
        if !self.holds(caller) {
            self.tell_once(caller, headers);
            return caller;
        }
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        for hop in lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(',')) {
            let Some(address) = address(hop.trim()) else { return caller };
            caller = address;
            if !self.holds(caller) {
                return caller;
            }
        }
        caller
    }

    /// A proxy that was forgotten looks as if one caller made every call.
    fn tell_once(&self, peer: IpAddr, headers: &HeaderMap) {
        let forgotten = !self.networks.is_empty() && headers.contains_key(FORWARDED_FOR);
        if forgotten && !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(%peer, "`{peer}` sends X-Forwarded-For and is not believed; if it is your proxy, name it by `--trusted-proxy {peer}`");
        }
    }
}

/// An address as proxies write it: some add the port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

/// A network as it is written on the command line: `10.0.0.0/8`, or one address.
pub fn network(text: &str) -> Result<IpNet, String> {
    let one = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(one).ok_or_else(|| "give an address or a network, such as `10.0.0.0/8`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(networks: &[&str], peer: &str, lines: &[&'static str]) -> String {
        let networks: Vec<IpNet> = networks.iter().map(|text| network(text).unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, http::HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        Trusted::of(&networks).caller(peer.parse().unwrap(), &headers).to_string()
    }

    /// Abuse case R2.
    #[test]
    fn r2_only_what_trusted_proxies_added_is_believed() {
        let one = &["10.0.0.1"][..];
        let two = &["10.0.0.0/8", "2001:db8:ffff::/48"][..];
        for (networks, peer, lines, expected) in [
            // Whoever is no trusted proxy is the caller, whatever it says.
            (&[][..], "203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            (one, "10.0.0.2", &["198.51.100.1"], "10.0.0.2"),
            (one, "127.0.0.1", &["198.51.100.1"], "127.0.0.1"),
            // Without the header, the proxy itself called.
            (&[], "127.0.0.1", &[], "127.0.0.1"),
            (&[], "127.0.0.1", &[""], "127.0.0.1"),
            // One hop: the last entry, not what the caller wrote before it.
            (&[], "127.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            (&[], "::1", &["203.0.113.9"], "203.0.113.9"),
            (&[], "::ffff:127.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            (&[], "127.0.0.1", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            (&[], "127.0.0.1", &["1.1.1.1", "2001:db8::7"], "2001:db8::7"),
            (one, "10.0.0.1", &["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
            // Two hops, in one line and in two.
            (two, "10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.9.9.9"], "203.0.113.9"),
            (two, "10.0.0.1", &["1.1.1.1, 203.0.113.9", "2001:db8:ffff::1"], "203.0.113.9"),
            // A caller cannot pass for a proxy that stands further out.
            (two, "10.0.0.1", &["1.1.1.1, 10.0.0.7, 203.0.113.9, 10.9.9.9"], "203.0.113.9"),
            // Somebody within the trusted network called.
            (two, "10.0.0.1", &["10.0.0.7"], "10.0.0.7"),
            // What cannot be read ends the way at the proxy that passed it on.
            (&[], "127.0.0.1", &["203.0.113.9, nobody"], "127.0.0.1"),
            (&[], "127.0.0.1", &["203.0.113.9,"], "127.0.0.1"),
            (&[], "127.0.0.1", &["203.0.113.9, \u{fc}"], "127.0.0.1"),
            (two, "10.0.0.1", &["203.0.113.9, unknown, 10.9.9.9"], "10.9.9.9"),
            // Ports are left away.
            (&[], "127.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
            (&[], "127.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            (&[], "127.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
        ] {
            assert_eq!(caller(networks, peer, lines), expected, "{networks:?} {peer} {lines:?}");
        }
        assert_eq!(Trusted::nobody().caller("127.0.0.1".parse().unwrap(), &HeaderMap::new()).to_string(), "127.0.0.1");
        let lying = [(FORWARDED_FOR, "203.0.113.9".parse().unwrap())].into_iter().collect();
        assert_eq!(Trusted::nobody().caller("127.0.0.1".parse().unwrap(), &lying).to_string(), "127.0.0.1");
    }

    #[test]
    fn a_network_is_an_address_or_a_prefix() {
        for good in ["10.0.0.0/8", "10.0.0.1", "2001:db8::/32", "::1", "0.0.0.0/0"] {
            assert!(network(good).is_ok(), "{good}");
        }
        for bad in ["", "10.0.0.0/33", "10.0.0", "proxy.example", "10.0.0.0/8,::1"] {
            assert!(network(bad).is_err(), "{bad}");
        }
    }
}
