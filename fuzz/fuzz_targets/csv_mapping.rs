#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clinicos_properties::csv_mapping(data));
