//! Facts out of the documents that hold single values: the flat file, metadata, diagnostics,
//! statistics, and what plugins say about themselves.

use crate::eras::{self, Shape};
use crate::layout::Member;
use crate::moment;
use crate::scalar::{is_masked, untyped};
use crate::tree::{Tree, pointer, scalar_text};
use crate::{FactRecord, MemberKind, Scalar};
use model::{Issues, Place};

/// Facts of one document. The server's own have some 100.
const FACTS_MAX: usize = 5_000;

/// Reads all single values of a document.
///
/// - Output: known fields under their facts' names and of their type; others under their own path.
///   `is_whole`: nothing of the document was cut off, so that what is not there is absent.
/// - Issues: a value that is not of its field's type (the fact is then unreadable); zeros that may
///   stand for failed queries; facts beyond [`FACTS_MAX`].
pub(crate) fn read(
    root: &Tree,
    kind: MemberKind,
    member: &Member,
    is_whole: bool,
    issues: &mut Issues,
) -> Vec<FactRecord> {
    let mut reader = Reader { root, kind, member, issues, facts: Vec::new() };
    for (name, value) in root.entries() {
        reader.value(name, &pointer("", name), value);
    }
    reader.notes(is_whole);
    reader.facts
}

struct Reader<'a> {
    root: &'a Tree,
    kind: MemberKind,
    member: &'a Member,
    issues: &'a mut Issues,
    facts: Vec<FactRecord>,
}

impl Reader<'_> {
    /// A value and all below it. The depth of a tree is bounded where it is read.
    fn value(&mut self, key: &str, location: &str, value: &Tree) {
        let field = eras::field(self.kind, key);
        let shape = field.map(|field| field.shape);
        if shape == Some(Shape::Elsewhere) {
            return;
        }
        let path = field.map_or_else(|| self.own_path(key), |field| field.fact.to_owned());
        let path = if field.is_some_and(|_| key == "database_version") {
            let version = self.root.get("server_version").and_then(Tree::text);
            let has_schema = self.root.get("database_schema_version").is_some();
            let text = value.text().unwrap_or_default();
            eras::database_version_fact(has_schema, version.as_deref(), &text).to_owned()
        } else {
            path
        };
        match (shape, value) {
            (None, Tree::Map(entries)) => {
                for (name, value) in entries {
                    self.value(&format!("{key}.{name}"), &pointer(location, name), value);
                }
            }
            (None | Some(Shape::List), Tree::List(items)) => self.list(&path, location, items),
            (Some(Shape::List), value) if value.is_null() => {
                self.push(format!("{path}.length"), location, Scalar::Null);
            }
            (_, Tree::Cut) => self.unreadable(path, location, "cut off"),
            (None, Tree::Leaf(scalar)) => self.push(path, location, untyped(scalar)),
            (Some(shape), value) => match typed(value, shape) {
                Some(scalar) => self.push(path, location, scalar),
                None => self.unreadable(path, location, "not of the field's type"),
            },
        }
    }

    /// The path of a field that is not known.
    fn own_path(&self, key: &str) -> String {
        if self.kind == MemberKind::Stats {
            format!("stats.{key}")
        } else if self.kind == MemberKind::Metadata {
            format!("packet.{key}")
        } else if self.kind == MemberKind::PluginDiagnostics {
            let folder = self.member.folder.rsplit('/').next().unwrap_or_default();
            format!("plugins.{folder}.{key}")
        } else {
            key.to_owned()
        }
    }

    fn list(&mut self, path: &str, location: &str, items: &[Tree]) {
        let is_whole = items.last() != Some(&Tree::Cut);
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let length = if is_whole { Scalar::Int(length) } else { Scalar::Unreadable };
        self.push(format!("{path}.length"), location, length);
        for (idx, item) in items.iter().enumerate() {
            let location = pointer(location, &idx.to_string());
            match item {
                Tree::Leaf(scalar) => {
                    self.push(format!("{path}.{idx}"), &location, untyped(scalar))
                }
                Tree::Cut => self.unreadable(format!("{path}.{idx}"), &location, "cut off"),
                Tree::List(_) | Tree::Map(_) => {
                    for (name, value) in item.entries() {
                        let key = format!("{path}.{idx}.{name}");
                        if let Tree::Leaf(scalar) = value {
                            self.push(key, &pointer(&location, name), untyped(scalar));
                        }
                    }
                }
            }
        }
    }

    fn unreadable(&mut self, path: String, location: &str, why: &str) {
        self.issues.add(format!("a value is {why}"), location, 1);
        self.push(path, location, Scalar::Unreadable);
    }

    fn push(&mut self, path: String, location: &str, value: Scalar) {
        if self.facts.len() >= FACTS_MAX {
            self.issues.add("too many values: the rest is left out", location, 1);
            return;
        }
        self.facts.push(FactRecord {
            path,
            // What a plugin says holds for the cluster; its folder is no node.
            node: self.member.node.clone().filter(|_| self.kind != MemberKind::PluginDiagnostics),
            value,
            place: Place { source: self.member.source.clone(), location: location.to_owned() },
        });
    }

    /// What the values mean beyond themselves.
    fn notes(&mut self, is_whole: bool) {
        let zeros: Vec<String> = self
            .facts
            .iter()
            .filter(|fact| fact.value == Scalar::Int(0))
            .filter(|fact| eras::NEVER_ZERO.contains(&fact.path.as_str()))
            .map(|fact| fact.place.location.clone())
            .collect();
        for location in zeros {
            self.issues.add("zero, which up to 11.6 also stands for a failed query", location, 0);
        }
        // The server leaves it out where it is false.
        let has_license = is_whole
            && self.kind == MemberKind::Diagnostics
            && self.root.get("license").is_some_and(|license| {
                license.get("company").is_some() && license.get("is_trial").is_none()
            });
        if has_license {
            self.push("license.is_trial".to_owned(), "/license", Scalar::Bool(false));
        }
    }
}

/// The value as its field's type; `None`: it is not of that type.
fn typed(value: &Tree, shape: Shape) -> Option<Scalar> {
    let Tree::Leaf(scalar) = value else { return None };
    if matches!(scalar, Scalar::Null) {
        return Some(Scalar::Null);
    }
    if let Scalar::Text(text) = scalar
        && is_masked(text.untrusted())
    {
        return Some(Scalar::Masked);
    }
    match shape {
        Shape::Text => scalar_text(scalar).map(|text| Scalar::Text(text.into())),
        Shape::Int => value.int().or_else(|| whole(scalar)).map(Scalar::Int),
        Shape::Float => scalar_text(scalar)?
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .map(Scalar::Float),
        Shape::Bool => value.truth().map(Scalar::Bool),
        Shape::Time => {
            Some(moment::text(&scalar_text(scalar)?).ok()?.map_or(Scalar::Null, Scalar::Time))
        }
        Shape::Millis => {
            Some(moment::millis(value.int()?).ok()?.map_or(Scalar::Null, Scalar::Time))
        }
        Shape::List | Shape::Elsewhere => None,
    }
}

/// A float that is a whole number.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 2^53")]
fn whole(scalar: &Scalar) -> Option<i64> {
    let Scalar::Float(number) = scalar else { return None };
    (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(*number as i64)
}

#[cfg(test)]
mod tests;
