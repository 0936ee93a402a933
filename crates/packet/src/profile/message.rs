//! The messages of `profile.proto` (google/pprof), as far as they are read.

/// A profile.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Profile {
    /// What each value of a sample measures.
    #[prost(message, repeated, tag = "1")]
    pub(crate) sample_type: Vec<ValueType>,
    /// Stacks and what they used.
    #[prost(message, repeated, tag = "2")]
    pub(crate) sample: Vec<Sample>,
    /// Places in the code.
    #[prost(message, repeated, tag = "4")]
    pub(crate) location: Vec<Location>,
    /// Functions.
    #[prost(message, repeated, tag = "5")]
    pub(crate) function: Vec<Function>,
    /// All texts; others name them by index. Bytes, so that one broken text loses no other.
    #[prost(bytes = "vec", repeated, tag = "6")]
    pub(crate) string_table: Vec<Vec<u8>>,
}

/// What a value measures.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct ValueType {
    /// `cpu`, `inuse_space`, ...: an index into the texts.
    #[prost(int64, tag = "1")]
    pub(crate) r#type: i64,
    /// `nanoseconds`, `bytes`: an index into the texts.
    #[prost(int64, tag = "2")]
    pub(crate) unit: i64,
}

/// A stack and what it used.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Sample {
    /// The places, innermost first.
    #[prost(uint64, repeated, tag = "1")]
    pub(crate) location_id: Vec<u64>,
    /// One value for each of the profile's types.
    #[prost(int64, repeated, tag = "2")]
    pub(crate) value: Vec<i64>,
}

/// A place in the code: several functions where they were inlined, innermost first.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Location {
    /// What samples name it by.
    #[prost(uint64, tag = "1")]
    pub(crate) id: u64,
    /// The functions.
    #[prost(message, repeated, tag = "4")]
    pub(crate) line: Vec<Line>,
}

/// A line of a function.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Line {
    /// The function.
    #[prost(uint64, tag = "1")]
    pub(crate) function_id: u64,
    /// The line in its file.
    #[prost(int64, tag = "2")]
    pub(crate) line: i64,
}

/// A function.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct Function {
    /// What lines name it by.
    #[prost(uint64, tag = "1")]
    pub(crate) id: u64,
    /// Its name: an index into the texts.
    #[prost(int64, tag = "2")]
    pub(crate) name: i64,
    /// Its file: an index into the texts.
    #[prost(int64, tag = "4")]
    pub(crate) filename: i64,
}
