//! The layout of a packed batch: a version byte, the count (u32, little endian), then each
//! entry as its length (u32, little endian), its postcard bytes, how many bytes its address has (0, 4
//! or 16) and those, and the postcard bytes of whose data it told. One list of entries has exactly one
//! spelling.

use std::net::IpAddr;

use postcard::ser_flavors::Flavor;
use serde::Deserialize;

use super::{Entry, Told};
use crate::error::{Result, StoreError};

/// The layout that is written.
const VERSION: u8 = 3;
/// The one before: behind an entry stood its address alone, without a length, and nothing if it had none.
const VERSION_WITH_ADDRESSES: u8 = 2;
/// The one before that, which had no addresses.
const VERSION_WITHOUT_ADDRESSES: u8 = 1;
const HEADER_BYTES: usize = 5;
/// What a usual entry takes, to allocate once.
const ENTRY_BYTES_TYPICAL: usize = 320;

/// Packs entries.
pub(crate) fn pack(entries: &[Entry]) -> Result<Vec<u8>> {
    let count = u32::try_from(entries.len()).map_err(|_| unencodable())?;
    let mut out = Vec::with_capacity(HEADER_BYTES + entries.len() * ENTRY_BYTES_TYPICAL);
    out.push(VERSION);
    out.extend_from_slice(&count.to_le_bytes());
    for entry in entries {
        let at = out.len();
        out.extend_from_slice(&[0; 4]);
        postcard::serialize_with_flavor(entry, Append(&mut out)).map_err(|_| unencodable())?;
        match entry.refused_address {
            Some(IpAddr::V4(address)) => address_to(&mut out, &address.octets()),
            Some(IpAddr::V6(address)) => address_to(&mut out, &address.octets()),
            None => address_to(&mut out, &[]),
        }
        postcard::serialize_with_flavor(&entry.told, Append(&mut out)).map_err(|_| unencodable())?;
        let length = u32::try_from(out.len() - at - 4).map_err(|_| unencodable())?;
        if let Some(slot) = out.get_mut(at..at + 4) {
            slot.copy_from_slice(&length.to_le_bytes());
        }
    }
    Ok(out)
}

fn address_to(out: &mut Vec<u8>, octets: &[u8]) {
    // At most 16.
    out.push(octets.len() as u8);
    out.extend_from_slice(octets);
}

/// Unpacks every entry.
pub(crate) fn unpack(batch: &[u8]) -> Result<Vec<Entry>> {
    Packed::new(batch)?.map(|raw| decode(raw?)).collect()
}

/// Decodes one entry.
pub(crate) fn decode(raw: Raw<'_>) -> Result<Entry> {
    let (entry, rest) = postcard::take_from_bytes::<Entry>(raw.bytes).map_err(|_| corrupt())?;
    let (refused_address, told) = raw.behind::<Vec<Told>>(rest)?;
    Ok(Entry { refused_address, told, ..entry })
}

/// The bytes of one entry, in some version of the layout.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'a> {
    pub(super) version: u8,
    pub(super) bytes: &'a [u8],
}

impl<'a> Raw<'a> {
    /// What stands behind the entry itself: an address, and whose data it told.
    pub(super) fn behind<T: Deserialize<'a> + Default>(self, rest: &'a [u8]) -> Result<(Option<IpAddr>, T)> {
        if self.version <= VERSION_WITH_ADDRESSES {
            return Ok((address(rest)?, T::default()));
        }
        let (length, rest) = rest.split_first().ok_or_else(corrupt)?;
        let (octets, rest) = rest.split_at_checked(usize::from(*length)).ok_or_else(corrupt)?;
        match postcard::take_from_bytes::<T>(rest) {
            Ok((told, [])) => Ok((address(octets)?, told)),
            _ => Err(corrupt()),
        }
    }
}

/// An address, or none.
fn address(bytes: &[u8]) -> Result<Option<IpAddr>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let v4 = || Some(IpAddr::from(<[u8; 4]>::try_from(bytes).ok()?));
    let v6 = || Some(IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?));
    v4().or_else(v6).map(Some).ok_or_else(corrupt)
}

/// Walks the entries of a batch without decoding them.
pub(crate) struct Packed<'a> {
    version: u8,
    left: u32,
    rest: &'a [u8],
}

impl<'a> Packed<'a> {
    pub(crate) fn new(batch: &'a [u8]) -> Result<Self> {
        match batch.split_first_chunk::<HEADER_BYTES>() {
            Some(([version @ VERSION_WITHOUT_ADDRESSES..=VERSION, count @ ..], rest)) => {
                Ok(Self { version: *version, left: u32::from_le_bytes(*count), rest })
            }
            _ => Err(corrupt()),
        }
    }

    fn take(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first_chunk::<4>()?;
        let (entry, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        self.rest = rest;
        Some(entry)
    }
}

impl<'a> Iterator for Packed<'a> {
    type Item = Result<Raw<'a>>;
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let entry = self.take();
        if entry.is_none() {
            self.left = 0;
        }
        Some(entry.map(|bytes| Raw { version: self.version, bytes }).ok_or_else(corrupt))
    }
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("a batch of audit entries".to_owned())
}

fn unencodable() -> StoreError {
    StoreError::Statement("an audit entry cannot be encoded".to_owned())
}

/// Appends to a buffer that others have begun.
struct Append<'a>(&'a mut Vec<u8>);

impl Flavor for Append<'_> {
    type Output = ();
    fn try_extend(&mut self, data: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(data);
        Ok(())
    }
    fn try_push(&mut self, data: u8) -> postcard::Result<()> {
        self.0.push(data);
        Ok(())
    }
    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Actor, ActorKind, Folded, RecordGroup};
    use super::*;

    fn full() -> Entry {
        Entry {
            request_id: [1; 16],
            at: -5,
            latency_us: 7,
            epoch: 2,
            sequence: u64::MAX,
            environment: "live".to_owned(),
            clinic: Some([2; 16]),
            organization: None,
            actor: Actor { kind: ActorKind::Operator, connection: Some([3; 16]), credential: None, on_behalf_of: Some([4; 16]) },
            operation: "invoices.list".to_owned(),
            route: "GET /v1/invoices".to_owned(),
            status: 200,
            problem: Some("x".to_owned()),
            reasons: vec![1, 255],
            records: vec![RecordGroup { prefix: "inv".to_owned(), ids: vec![9; 32] }],
            disclosed: 0xffff,
            redacted: 1,
            consents: vec![[5; 16], [6; 16]],
            bytes: 1 << 40,
            replayed: true,
            caused_by: Some([7; 16]),
            depth: 3,
            salt: [8; 16],
            request_hash: Some([9; 16]),
            body_hash: Some([10; 16]),
            source_hash: Some([11; 16]),
            source_key: 0,
            folded: Some(Folded { count: 3, first: [12; 16], last: [13; 16] }),
            refused_address: Some([203, 0, 113, 9].into()),
            told: vec![Told { categories: 6, subjects: vec![RecordGroup { prefix: "cli".to_owned(), ids: vec![14; 32] }] }],
        }
    }

    /// What was packed before, of one entry.
    fn older(version: u8, entry: &Entry, address: &[u8]) -> Vec<u8> {
        let mut bytes = postcard::to_allocvec(entry).unwrap();
        bytes.extend_from_slice(address);
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        [&[version, 1, 0, 0, 0], &length[..], &bytes].concat()
    }

    #[test]
    fn what_is_packed_comes_back_and_has_one_spelling() {
        let v6 = Entry { refused_address: Some([0x20_u8; 16].into()), ..full() };
        let entries = vec![full(), Entry::default(), v6, full()];
        let batch = pack(&entries).unwrap();
        let back = unpack(&batch).unwrap();
        assert_eq!(back, entries);
        assert_eq!(pack(&back).unwrap(), batch);
    }

    #[test]
    fn what_was_packed_before_is_read() {
        let entry = Entry { told: Vec::new(), ..full() };
        assert_eq!(unpack(&older(VERSION_WITH_ADDRESSES, &entry, &[203, 0, 113, 9])).unwrap(), [entry]);
        let entry = Entry { told: Vec::new(), refused_address: None, ..full() };
        for version in [VERSION_WITHOUT_ADDRESSES, VERSION_WITH_ADDRESSES] {
            assert_eq!(unpack(&older(version, &entry, &[])).unwrap(), std::slice::from_ref(&entry));
        }
    }

    #[test]
    fn damaged_batches_are_errors() {
        let batch = pack(&[full(), full()]).unwrap();
        for length in 0..batch.len() {
            assert!(unpack(&batch[..length]).is_err(), "{length}");
        }
        let mut newer = batch;
        newer[0] = VERSION + 1;
        assert!(unpack(&newer).is_err());
    }
}
