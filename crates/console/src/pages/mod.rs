//! One file for each page.

pub mod account;
pub mod activity;
pub mod connection;
pub mod connections;
pub mod docs;
pub mod emergency;
pub mod exports;
pub mod home;
pub mod import_mapping;
pub mod imports;
pub mod kept;
pub mod key;
pub mod keys;
pub mod left;
pub mod log;
pub mod people;
pub mod problem;
pub mod records;
pub mod sees;
pub mod sharing;
pub mod sign_in;
