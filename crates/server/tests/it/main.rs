//! The server at its door, on both engines, without a socket.
//!
//! Tests over every operation read the catalogue, so that a new operation is covered without a
//! new test. Abuse cases carry their number in their name.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

mod answers;
mod astray;
mod bookings;
mod books;
mod browsers;
mod canaries;
mod changes;
mod changes_damaged;
mod changes_followed;
mod changes_streamed;
mod chart;
mod command_line;
mod connections;
mod consent;
mod consent_answers;
mod consent_apart;
mod consent_at_once;
mod consent_faults;
mod consent_inference;
mod consent_links;
mod console;
mod console_answers;
mod console_bodies;
mod console_browser;
mod console_exports;
mod console_forms;
mod console_import_report;
mod console_imports;
mod console_keys;
mod console_lists;
mod console_log;
mod console_log_search;
mod console_powers;
mod console_records;
mod contact;
mod credentials;
mod cursors;
mod demo;
mod demo_again;
mod disclosures;
mod document_content;
mod document_files;
mod documentation;
mod entry;
mod estimates;
mod exports;
mod faults;
mod filters;
mod findings;
mod forms;
mod grants;
mod hostile_bodies;
mod hostile_wire;
mod import_command;
mod import_counts;
mod import_jobs;
mod import_proposals;
mod import_stops;
mod imports;
mod includes;
mod kept_forms;
mod key_lifecycle;
mod leaked_keys;
mod limits;
mod looking;
mod merges;
mod organization_changes;
mod organization_keys;
mod pages;
mod patients;
mod people;
mod plain;
mod plain_words;
mod printed;
mod products;
mod program;
mod reasons;
mod record_imports;
mod refunds;
mod replays;
mod requests;
mod revocation;
mod routes;
mod samples;
mod second_factor;
mod secrets;
mod sessions;
mod sign_in;
mod standing;
mod stock_movements;
mod storage;
mod synth;
mod tenants;
mod transport;
mod versions;
mod wire;
mod wire_places;
mod working_hours;
