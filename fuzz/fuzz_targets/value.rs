#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clinicos_properties::value(data));
