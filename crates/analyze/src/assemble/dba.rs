//! Which answers of the DBA's sheet came, and which did not.

use crate::commands;
use dba::{Answers, DbaTarget};
use playbook::DbaState;
use tables::Tables;
use text::{Redactor, Text};

/// What became of the questions; `None` when no file of answers was read.
pub(crate) fn dba_state(
    answers: &[Answers],
    tables: &Tables,
    redactor: &Redactor,
) -> Option<DbaState> {
    if answers.is_empty() {
        return None;
    }
    let mut state = DbaState {
        at: answers.iter().filter_map(|file| file.at).max(),
        sources: answers.iter().map(|file| file.source.clone()).collect(),
        n_unknown: answers.iter().map(|file| file.unknown.len()).sum(),
        ..DbaState::default()
    };
    // Questions of other versions that ask for the same are answered with one of them.
    let mut tables_answered: Vec<(&str, Vec<&str>)> = Vec::new();
    for answer in answers.iter().flat_map(|file| &file.answers) {
        let question = answer.question;
        let outputs = question.columns.iter().map(|column| column.output.as_str()).collect();
        tables_answered.push((question.table.as_str(), outputs));
        if answer.whole {
            state.answered.push((question.topic.clone(), question.id.clone(), answer.rows.len()));
        } else {
            state.partly.push(question.id.clone());
        }
    }
    state.answered.sort();
    for refused in answers.iter().flat_map(|file| &file.refused) {
        let question = refused.question.map_or_else(String::new, |asked| asked.id.clone());
        state.refused.push((question, Text::value(redactor.clear(&refused.message))));
    }
    let Some(target) = target(answers, tables) else { return Some(state) };
    for question in dba::questions_for(&target) {
        let id = &question.id;
        let outputs: Vec<&str> =
            question.columns.iter().map(|column| column.output.as_str()).collect();
        let came = state.answered.iter().any(|(_, known, _)| known == id)
            || state.partly.contains(id)
            || state.refused.iter().any(|(known, _)| known == id)
            || question.columns.len() > 2
                && tables_answered.contains(&(question.table.as_str(), outputs));
        if !came {
            state.missing.push((question.topic.clone(), id.clone()));
        }
    }
    Some(state)
}

/// Which database was asked: by the answers, and by the packet where they do not say.
fn target(answers: &[Answers], tables: &Tables) -> Option<DbaTarget> {
    let known = commands::dba::target(tables);
    let database = answers
        .iter()
        .find_map(|file| file.database)
        .or(known.as_ref().map(|target| target.database))?;
    let major = known.filter(|target| target.database == database).and_then(|target| target.major);
    Some(DbaTarget { database, major, hosting: None })
}
