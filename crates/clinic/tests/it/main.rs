//! Tests of what this crate declares and stores, below the door. Stories through the door are
//! told where there is one.

mod catalogue;
mod sqlite;
mod statements;
mod synthetic;
