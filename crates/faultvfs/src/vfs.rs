//! Registers the layer with SQLite and opens files through the default one.

use std::ffi::{CStr, CString, OsStr, c_char, c_int};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rusqlite::ffi;

use crate::disk::{Disk, Doing};
use crate::file::{self, OpenFile};

/// What the layer's `pAppData` points to. It lives as long as the process, as SQLite keeps it.
struct Layer {
    disk: Arc<Disk>,
    real: *mut ffi::sqlite3_vfs,
}

/// The layer that SQLite came with, as an address: it lives as long as the process.
static ORIGINAL: OnceLock<usize> = OnceLock::new();

fn original() -> io::Result<*mut ffi::sqlite3_vfs> {
    let find = || {
        // SAFETY: initialising twice is harmless, and the look-up only reads SQLite's own list,
        // which it guards by a mutex.
        let found = unsafe {
            ffi::sqlite3_initialize();
            ffi::sqlite3_vfs_find(std::ptr::null())
        };
        found.expose_provenance()
    };
    let real: *mut ffi::sqlite3_vfs = std::ptr::with_exposed_provenance_mut(*ORIGINAL.get_or_init(find));
    if real.is_null() { Err(io::Error::other("SQLite has no default file layer")) } else { Ok(real) }
}

/// Puts the layer beside the original one, or in front of it.
pub(crate) fn register(name: &str, disk: Arc<Disk>, as_default: bool) -> io::Result<()> {
    let real = original()?;
    let name = CString::new(name).map_err(io::Error::other)?;
    // SAFETY: as in `original`; the name is a C string.
    let taken = unsafe { ffi::sqlite3_vfs_find(name.as_ptr()) };
    if !taken.is_null() {
        return Err(io::Error::other(format!("the name {name:?} is taken")));
    }
    // SAFETY: `real` is a registered layer, which lives as long as the process.
    let mut layer = unsafe { *real };
    layer.zName = name.into_raw();
    layer.pNext = std::ptr::null_mut();
    layer.pAppData = Box::into_raw(Box::new(Layer { disk, real })).cast();
    layer.szOsFile = layer.szOsFile.saturating_add(file::HEADER_BYTES_C);
    layer.xOpen = Some(open);
    layer.xDelete = Some(delete);
    // The other functions of the original look neither at the layer nor at its data.
    // SAFETY: the layer, its name and its data are leaked on purpose: SQLite keeps them.
    checked(unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(layer)), c_int::from(as_default)) })
}

/// Puts the original one in front again.
pub(crate) fn restore_default() -> io::Result<()> {
    // SAFETY: it is registered already, which SQLite allows, and lives as long as the process.
    checked(unsafe { ffi::sqlite3_vfs_register(original()?, 1) })
}

fn checked(code: c_int) -> io::Result<()> {
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(io::Error::other(format!("sqlite3_vfs_register answered {code}"))) }
}

/// # Safety
/// `vfs` is a layer that [`register`] made.
unsafe fn layer<'a>(vfs: *mut ffi::sqlite3_vfs) -> &'a Layer {
    // SAFETY: `register` put a leaked `Layer` there.
    unsafe { &*(*vfs).pAppData.cast::<Layer>() }
}

/// # Safety
/// `name` is null or a C string.
unsafe fn path_of(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: not null, and the caller vouches for the rest.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    Some(PathBuf::from(OsStr::from_bytes(bytes)))
}

/// Temporary files are lost in any cut, so nobody needs to know what they held.
fn is_durable_kind(flags: c_int) -> bool {
    let kinds = ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
    flags & kinds != 0 && flags & ffi::SQLITE_OPEN_DELETEONCLOSE == 0
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    opened: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls with a layer of ours, a name that is null or a C string, and
    // `szOsFile` bytes at `opened`, of which the real file takes those behind our header.
    unsafe {
        let layer = layer(vfs);
        let path = path_of(name).filter(|_| is_durable_kind(flags));
        let existed = path.as_ref().is_some_and(|path| path.exists());
        let mut state = layer.disk.lock();
        if !existed && let Err(code) = state.admit(Doing::Read) {
            (*opened).pMethods = std::ptr::null();
            return code;
        }
        let Some(real_open) = (*layer.real).xOpen else { return ffi::SQLITE_MISUSE };
        let code = real_open(layer.real, name, file::real(opened), flags, out_flags);
        if (*file::real(opened)).pMethods.is_null() {
            (*opened).pMethods = std::ptr::null();
            return code;
        }
        if let Some(path) = &path {
            state.opened(path, existed, flags & ffi::SQLITE_OPEN_MAIN_DB == 0);
        }
        drop(state);
        opened.cast::<OpenFile>().write(OpenFile::new(Arc::clone(&layer.disk), path));
        code
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    // SAFETY: SQLite calls with a layer of ours and a C string.
    unsafe {
        let layer = layer(vfs);
        let mut state = layer.disk.lock();
        if let Err(code) = state.admit(Doing::Delete) {
            return code;
        }
        let path = path_of(name);
        let content = path.as_ref().and_then(|path| std::fs::read(path).ok());
        let Some(real_delete) = (*layer.real).xDelete else { return ffi::SQLITE_MISUSE };
        let code = real_delete(layer.real, name, 0);
        if let (ffi::SQLITE_OK, Some(path), Some(content)) = (code, path, content) {
            state.deleted(&path, content, sync_dir != 0);
        }
        code
    }
}
