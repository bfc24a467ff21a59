//! One open file: a header of ours, and behind it the default layer's file.

use std::ffi::{c_int, c_void};
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ffi;

use crate::disk::{Disk, Doing};
use crate::history::{Change, SECTOR_BYTES};

/// Bytes in front of the real file. A multiple of 16, so that the real file stays aligned.
const HEADER_BYTES: usize = size_of::<OpenFile>().next_multiple_of(16);
/// The same for SQLite.
pub(crate) const HEADER_BYTES_C: c_int = HEADER_BYTES as c_int;

/// The header. SQLite sees it as an `sqlite3_file`.
#[repr(C)]
pub(crate) struct OpenFile {
    base: ffi::sqlite3_file,
    disk: Arc<Disk>,
    /// None for temporary files.
    path: Option<PathBuf>,
}

impl OpenFile {
    pub(crate) fn new(disk: Arc<Disk>, path: Option<PathBuf>) -> Self {
        Self { base: ffi::sqlite3_file { pMethods: &raw const METHODS }, disk, path }
    }
}

/// Where the real file lies.
///
/// # Safety
/// `file` points to as many bytes as the layer's `szOsFile`.
pub(crate) unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: the header and the real file are one allocation of SQLite's.
    unsafe { file.byte_add(HEADER_BYTES) }
}

// Version 2: no memory mapping, so every read and write of content comes through here.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Calls a method of the real file.
macro_rules! real_call {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let real = real($file);
        match (*(*real).pMethods).$method {
            Some(method) => method(real $(, $argument)*),
            None => ffi::SQLITE_MISUSE,
        }
    }};
}

/// A method that only passes its arguments on.
macro_rules! passes_on {
    ($($name:ident => $method:ident($($argument:ident: $kind:ty),*);)+) => {
        $(unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $kind)*) -> c_int {
            // SAFETY: SQLite calls methods only on files that `open` filled in.
            unsafe { real_call!(file, $method $(, $argument)*) }
        })+
    };
}

passes_on! {
    file_size => xFileSize(size: *mut i64);
    lock => xLock(level: c_int);
    unlock => xUnlock(level: c_int);
    check_reserved_lock => xCheckReservedLock(out: *mut c_int);
    file_control => xFileControl(code: c_int, argument: *mut c_void);
    sector_size => xSectorSize();
    device_characteristics => xDeviceCharacteristics();
    shm_map => xShmMap(page: c_int, bytes: c_int, extend: c_int, out: *mut *mut c_void);
    shm_lock => xShmLock(offset: c_int, count: c_int, flags: c_int);
    shm_unmap => xShmUnmap(delete: c_int);
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: as for every method.
    unsafe {
        let real = real(file);
        if let Some(barrier) = (*(*real).pMethods).xShmBarrier {
            barrier(real);
        }
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: `open` wrote the header, and nobody uses the file after this call.
    unsafe {
        let code = real_call!(file, xClose);
        std::ptr::drop_in_place(file.cast::<OpenFile>());
        code
    }
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, buffer: *mut c_void, amount: c_int, offset: i64) -> c_int {
    // SAFETY: as for every method; the buffer has room for `amount` bytes.
    unsafe {
        let header = &*file.cast::<OpenFile>();
        if let Err(code) = header.disk.lock().admit(Doing::Read) {
            return code;
        }
        real_call!(file, xRead, buffer, amount, offset)
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, buffer: *const c_void, amount: c_int, offset: i64) -> c_int {
    // SAFETY: as for every method; the buffer holds `amount` bytes.
    unsafe {
        let header = &*file.cast::<OpenFile>();
        let mut state = header.disk.lock();
        if let Err(code) = state.admit(Doing::Write) {
            return code;
        }
        let Some(path) = &header.path else { return real_call!(file, xWrite, buffer, amount, offset) };
        let (Ok(start), Ok(bytes)) = (u64::try_from(offset), usize::try_from(amount)) else {
            return ffi::SQLITE_IOERR_WRITE;
        };
        let end = start.saturating_add(bytes as u64);
        let span = match Span::read(file, start, end) {
            Ok(span) => span,
            Err(code) => return code,
        };
        let code = real_call!(file, xWrite, buffer, amount, offset);
        if code == ffi::SQLITE_OK {
            let mut after = span.before.clone();
            let skipped = usize::try_from(start % SECTOR_BYTES as u64).unwrap_or(0);
            let written = std::slice::from_raw_parts(buffer.cast::<u8>(), bytes);
            for (byte, newer) in after.iter_mut().skip(skipped).zip(written) {
                *byte = *newer;
            }
            state.wrote(path, &span.becomes(&after, span.length.max(end)));
        }
        code
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: as for every method.
    unsafe {
        let header = &*file.cast::<OpenFile>();
        let mut state = header.disk.lock();
        if let Err(code) = state.admit(Doing::Write) {
            return code;
        }
        let Some(path) = &header.path else { return real_call!(file, xTruncate, size) };
        let Ok(size_now) = u64::try_from(size) else { return ffi::SQLITE_IOERR_TRUNCATE };
        let length = match length_of(file) {
            Ok(length) => length,
            Err(code) => return code,
        };
        let span = match Span::read(file, size_now.min(length), length) {
            Ok(span) => span,
            Err(code) => return code,
        };
        let code = real_call!(file, xTruncate, size);
        if code == ffi::SQLITE_OK {
            let kept = usize::try_from(size_now.min(length) % SECTOR_BYTES as u64).unwrap_or(0);
            let mut after = span.before.clone();
            after.iter_mut().skip(kept).for_each(|byte| *byte = 0);
            state.wrote(path, &span.becomes(&after, size_now));
        }
        code
    }
}

/// The real sync is left out: no test pulls the plug of the machine, and cuts come from the record.
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: as for every method.
    let header = unsafe { &*file.cast::<OpenFile>() };
    let mut state = header.disk.lock();
    if let Err(code) = state.admit(Doing::Sync) {
        return code;
    }
    if let Some(path) = &header.path {
        state.synced(path);
    }
    ffi::SQLITE_OK
}

/// Whole sectors around a range, as they were before an operation.
struct Span {
    first_sector: u64,
    before: Vec<u8>,
    length: u64,
}

impl Span {
    /// # Safety
    /// `file` is open.
    unsafe fn read(file: *mut ffi::sqlite3_file, start: u64, end: u64) -> Result<Self, c_int> {
        let sector = SECTOR_BYTES as u64;
        let first_sector = start / sector;
        let bytes = end.next_multiple_of(sector).saturating_sub(first_sector.saturating_mul(sector));
        let mut before = vec![0; usize::try_from(bytes).map_err(|_| ffi::SQLITE_TOOBIG)?];
        let amount = c_int::try_from(bytes).map_err(|_| ffi::SQLITE_TOOBIG)?;
        let offset = i64::try_from(first_sector.saturating_mul(sector)).map_err(|_| ffi::SQLITE_TOOBIG)?;
        // SAFETY: the caller vouches for the file, and the buffer has `amount` bytes. The
        // default layer fills with zeros what lies beyond the end.
        let code = unsafe { real_call!(file, xRead, before.as_mut_ptr().cast(), amount, offset) };
        if code != ffi::SQLITE_OK && code != ffi::SQLITE_IOERR_SHORT_READ {
            return Err(code);
        }
        // SAFETY: the caller vouches for the file.
        let length = unsafe { length_of(file)? };
        Ok(Self { first_sector, before, length })
    }

    fn becomes<'a>(&'a self, after: &'a [u8], length_after: u64) -> Change<'a> {
        Change { first_sector: self.first_sector, before: &self.before, after, length_before: self.length, length_after }
    }
}

/// # Safety
/// `file` is open.
unsafe fn length_of(file: *mut ffi::sqlite3_file) -> Result<u64, c_int> {
    let mut length = 0_i64;
    // SAFETY: the caller vouches for the file; the size goes to a local.
    let code = unsafe { real_call!(file, xFileSize, &raw mut length) };
    if code == ffi::SQLITE_OK { u64::try_from(length).map_err(|_| ffi::SQLITE_IOERR_FSTAT) } else { Err(code) }
}
