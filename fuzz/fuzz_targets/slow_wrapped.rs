#![no_main]

#[expect(dead_code, reason = "each target uses one of them")]
#[path = "../bodies/parsers.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::slow_wrapped(data));
