//! `analyze tables`: the documentation of tables, columns and facts.

use crate::args::TablesArgs;
use anyhow::{Result, bail};
use std::io::Write;
use tables::{TABLES, TableDoc, catalogue, nearest_name};

pub(crate) fn run(args: &TablesArgs, out: &mut dyn Write) -> Result<()> {
    match args.name.as_deref() {
        None => {
            for table in TABLES {
                writeln!(out, "{:18} {}", table.name, table.about)?;
            }
            writeln!(
                out,
                "\n`analyze tables NAME` shows the columns; `analyze tables facts` the catalogue of facts."
            )?;
        }
        Some("facts") => {
            for fact in catalogue() {
                let unit =
                    if fact.unit.is_empty() { String::new() } else { format!(" [{}]", fact.unit) };
                writeln!(
                    out,
                    "{:66} {}{unit}  {}",
                    fact.path,
                    fact.kind.as_str(),
                    fact.how_to_get
                )?;
            }
        }
        Some(name) => match TableDoc::find(name) {
            Some(table) => columns(table, out)?,
            None => {
                let near = nearest_name(name, TABLES.iter().map(|table| table.name));
                bail!(
                    "no table `{name}`{}; `analyze tables` lists them",
                    near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"))
                );
            }
        },
    }
    Ok(())
}

fn columns(table: &TableDoc, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{}: {}\n", table.name, table.about)?;
    for column in table.columns {
        let unit =
            if column.unit.is_empty() { String::new() } else { format!(" [{}]", column.unit) };
        writeln!(out, "{:36} {:8} {}{unit}", column.name, column.kind.as_str(), column.about)?;
    }
    Ok(())
}
