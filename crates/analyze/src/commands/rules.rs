//! `analyze rules`: list, explain, test, lint.

use crate::args::{HowArgs, RulesArgs, RulesCommand};
use crate::{pipeline, settings};
use anyhow::{Context as _, Result, bail};
use model::{Exit, Level as _};
use rules::{Overrides, Rule, RuleSource};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Rules that an unknown id's answer names.
const LIKE_MAX: usize = 12;

pub(crate) fn run(args: &RulesArgs, out: &mut dyn Write) -> Result<Exit> {
    match &args.command {
        RulesCommand::List => list(&load(&args.rule_folders, None)?, out),
        RulesCommand::Explain { id, inputs } => explain(args, id, inputs, out),
        RulesCommand::Test { folder } => {
            test(&sources(folder.as_deref(), &args.rule_folders)?, out)
        }
        RulesCommand::Places => places(&load(&args.rule_folders, None)?, out),
        RulesCommand::Lint { folder } => {
            lint(&sources(folder.as_deref(), &args.rule_folders)?, out)
        }
    }
}

/// The shipped rules and those of the user's folders, with the overrides of `analyze.toml`.
pub(crate) fn load(folders: &[PathBuf], config: Option<&Path>) -> Result<Vec<Rule>> {
    let mut sources = rules::shipped_without_cases();
    sources.extend(further(folders)?);
    rules::load(&sources, &overrides(config)?).map_err(|faults| anyhow::anyhow!("{faults}"))
}

fn overrides(config: Option<&Path>) -> Result<Overrides> {
    let path = config.unwrap_or(Path::new(settings::FILE));
    #[expect(clippy::disallowed_methods, reason = "analyze reads its own settings")]
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if config.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Overrides::default());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    Overrides::parse(&path.to_string_lossy(), &text).map_err(|faults| anyhow::anyhow!("{faults}"))
}

/// Rule files: of one folder alone, or the shipped ones and those of further folders.
fn sources(only: Option<&Path>, folders: &[PathBuf]) -> Result<Vec<RuleSource>> {
    let mut sources = if only.is_some() { Vec::new() } else { rules::shipped() };
    let only: Vec<PathBuf> = only.into_iter().map(Path::to_path_buf).collect();
    sources.extend(further(&only)?);
    sources.extend(further(folders)?);
    Ok(sources)
}

/// Rule files of the user's folders.
fn further(folders: &[PathBuf]) -> Result<Vec<RuleSource>> {
    let mut sources = Vec::new();
    for folder in folders {
        let before = sources.len();
        collect(folder, &mut sources)?;
        if sources.len() == before {
            bail!("{}: no rule files (*.toml) in this folder", folder.display());
        }
    }
    Ok(sources)
}

fn collect(folder: &Path, sources: &mut Vec<RuleSource>) -> Result<()> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            #[expect(clippy::disallowed_methods, reason = "rule files that the user names")]
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            sources.push(RuleSource { path: path.to_string_lossy().into_owned(), text });
        }
    }
    Ok(())
}

fn list(rules: &[Rule], out: &mut dyn Write) -> Result<Exit> {
    for rule in rules {
        writeln!(
            out,
            "{:10} {:8} {:7} {:9} {:46} {}",
            rule.area(),
            rule.severity().as_str(),
            rule.kind().as_str(),
            rule.basis().as_str(),
            rule.id(),
            rule.title()
        )?;
    }
    writeln!(out, "{} rules", rules.len())?;
    Ok(Exit::Ran)
}

fn explain(args: &RulesArgs, id: &str, inputs: &[String], out: &mut dyn Write) -> Result<Exit> {
    let rules = load(&args.rule_folders, None)?;
    let Some(rule) = rules.iter().find(|rule| rule.id() == id) else {
        // People look for rules by a word of them.
        let having: Vec<&str> =
            rules.iter().map(Rule::id).filter(|known| known.contains(id)).take(LIKE_MAX).collect();
        let near = tables::nearest_name(id, rules.iter().map(Rule::id));
        let hint = match (having.as_slice(), near) {
            ([], None) => String::new(),
            ([], Some(near)) => format!(", did you mean `{near}`?"),
            (some, _) => format!("; with that word there are {}", some.join(", ")),
        };
        bail!("no rule `{id}`{hint}; `analyze rules list` lists them");
    };
    if inputs.is_empty() {
        let source = sources(None, &args.rule_folders)?;
        let text = source
            .iter()
            .rfind(|source| source.path == rule.file())
            .map(|source| source.text.as_str());
        writeln!(out, "{}", text.unwrap_or_default())?;
        return Ok(Exit::Ran);
    }
    let run = pipeline::run(inputs, &HowArgs::default(), false)?;
    let text = rules::explain(rule, &run.tables, &run.rule_options()).text();
    write!(out, "{}", text.render(|value| text::escape::terminal(value).into_owned()))?;
    Ok(Exit::Ran)
}

fn test(sources: &[RuleSource], out: &mut dyn Write) -> Result<Exit> {
    let rules = rules::load(sources, &Overrides::default())
        .map_err(|faults| anyhow::anyhow!("{faults}"))?;
    let report = rules::test(&rules);
    write!(out, "{report}")?;
    Ok(if report.n_failed() == 0 { Exit::Ran } else { Exit::Failed })
}

/// The places that commands of rules may leave open, and where one gets what belongs there.
fn places(rules: &[Rule], out: &mut dyn Write) -> Result<Exit> {
    for (place, source, of) in rules::places(rules) {
        writeln!(out, "<{place}>: {source}\n    {}", of.join(", "))?;
    }
    Ok(Exit::Ran)
}

fn lint(sources: &[RuleSource], out: &mut dyn Write) -> Result<Exit> {
    let rules = rules::load(sources, &Overrides::default())
        .map_err(|faults| anyhow::anyhow!("{faults}"))?;
    let faults = rules::lint(&rules);
    for fault in &faults {
        writeln!(out, "{fault}")?;
    }
    writeln!(out, "{} rules, {} remarks", rules.len(), faults.len())?;
    Ok(if faults.is_empty() { Exit::Ran } else { Exit::Failed })
}
