//! The list of all tables.

mod database;
mod dba;
mod logs;
mod packet;
mod results;

use crate::TableDoc;

/// Declares tables. Every table ends with `source` and `location`; one that comes `from packet`
/// also with `packet`.
macro_rules! tables {
    ($($(#[$packet:ident])? $table:literal: $about:literal {
        $($name:literal $kind:ident $unit:literal $what:literal;)*
    })*) => {
        &[$(crate::TableDoc {
            name: $table,
            about: $about,
            columns: tables!(@columns $($packet)? ; $($name $kind $unit $what;)*),
        },)*]
    };
    (@columns packet; $($name:literal $kind:ident $unit:literal $what:literal;)*) => {
        &[$(tables!(@column $name $kind $unit $what),)*
            tables!(@column "packet" Text "" "the packet that it comes from"),
            tables!(@column "source" Text "" "the input and, behind `!`, the member"),
            tables!(@column "location" Text "" "where in the source: `line:n`, a JSON pointer, `series@time`; `from TIME` where no line is known")]
    };
    (@columns ; $($name:literal $kind:ident $unit:literal $what:literal;)*) => {
        &[$(tables!(@column $name $kind $unit $what),)*
            tables!(@column "source" Text "" "the input and, behind `!`, the member"),
            tables!(@column "location" Text "" "where in the source: `line:n`, a JSON pointer, `series@time`; `from TIME` where no line is known")]
    };
    (@column $name:literal $kind:ident $unit:literal $what:literal) => {
        crate::ColumnDoc { name: $name, kind: crate::Kind::$kind, unit: $unit, about: $what }
    };
}
pub(crate) use tables;

/// Every table, in the order in which `analyze tables` lists them.
pub static TABLES: &[TableDoc] = &ALL;

const N_TABLES: usize = packet::TABLES.len()
    + logs::TABLES.len()
    + database::TABLES.len()
    + dba::TABLES.len()
    + results::TABLES.len();

static ALL: [TableDoc; N_TABLES] = {
    let parts: [&[TableDoc]; 5] =
        [packet::TABLES, logs::TABLES, database::TABLES, dba::TABLES, results::TABLES];
    let mut all = [TableDoc { name: "", about: "", columns: &[] }; N_TABLES];
    let (mut part, mut next) = (0, 0);
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler: a fault does not build"
    )]
    while part < parts.len() {
        let mut idx = 0;
        while idx < parts[part].len() {
            all[next] = parts[part][idx];
            next += 1;
            idx += 1;
        }
        part += 1;
    }
    all
};
