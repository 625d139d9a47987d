#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fobless_fuzz::stream_records::check(data));
