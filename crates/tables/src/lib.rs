//! Records as documented tables and facts, with SQL over both. The only crate that knows Polars.
