//! Records as documented tables and facts, with SQL over both. The only crate that knows Polars.

mod build;
mod cell;
mod change_places;
mod clearing;
mod column;
mod coverage;
mod docs;
mod engine;
mod facts;
mod onsets;
mod query;
mod restarts;
mod results;
mod samples;
mod schema;
mod shared;
mod sightings;
mod signals;
mod splits;
mod table;
mod tables;
mod version;

pub use build::{BuildError, Given, TablesBuilder, nearest_name};
pub use cell::{Cell, Kind};
pub use column::{ColumnView, Data, TextData};
pub use coverage::{Covers, SourceCoverage};
pub use docs::{ColumnDoc, TableDoc};
pub use engine::{Engine, EngineReading};
pub use facts::{
    DIFFER_BY_NATURE, ERAS, Fact, FactDoc, FactState, Facts, Scope, catalogue, find_fact,
};
pub use query::{AnswerFormat, QueryAnswer, QueryError, WriteError, check_query};
pub use restarts::{NodeAbsences, NodeRestarts};
pub use schema::TABLES;
pub use shared::SharedEvents;
pub use sightings::{Saw, Sightings};
pub use table::Table;
pub use tables::Tables;
pub use version::Version;
