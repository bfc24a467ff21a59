//! What a simulation draws from: breeds, names, prices, vaccines, complaints, laboratory values, words.

pub mod animals;
pub mod catalog;
pub mod complaints;
pub mod doses;
pub mod labs;
pub mod names;
pub mod practice;
pub mod vaccines;
pub mod words;
