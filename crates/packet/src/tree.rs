//! A document of any form, filled while it is read, so that what stands before an error is kept.

use crate::Scalar;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;
use text::Raw;

/// Values in one document. The largest members of a real packet (the schema of 250 tables) have
/// under 10,000; a value takes some 60 bytes.
pub(crate) const VALUES_MAX: usize = 500_000;

/// How deep values may be nested. Settings go down to 6.
pub(crate) const DEPTH_MAX: usize = 48;

/// A value of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Tree {
    /// The document ended, or was broken, before the value was read.
    #[default]
    Cut,
    /// A single value; never `Masked`, `Time` or `Unreadable`.
    Leaf(Scalar),
    /// Values in order; a `Cut` at the end when there were more.
    List(Vec<Tree>),
    /// Values by name, in order, each name once.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// The value of that name, if this is a map that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        self.entries().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The entries of a map; of anything else none.
    pub(crate) fn entries(&self) -> &[(String, Tree)] {
        match self {
            Self::Map(entries) => entries,
            Self::Cut | Self::Leaf(_) | Self::List(_) => &[],
        }
    }

    /// The values of a list; of anything else none.
    pub(crate) fn items(&self) -> &[Tree] {
        match self {
            Self::List(items) => items,
            Self::Cut | Self::Leaf(_) | Self::Map(_) => &[],
        }
    }

    /// Whether there is nothing, or an explicit nothing.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Leaf(Scalar::Null))
    }

    /// The text of a single value, numbers and truth values as they are written.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Leaf(scalar) => scalar_text(scalar),
            Self::Cut | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// A whole number, also one written as text.
    pub(crate) fn int(&self) -> Option<i64> {
        match self {
            Self::Leaf(Scalar::Int(number)) => Some(*number),
            Self::Leaf(Scalar::Text(text)) => text.untrusted().trim().parse().ok(),
            Self::Cut | Self::Leaf(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// A truth value, also one written as text.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Leaf(Scalar::Bool(truth)) => Some(*truth),
            Self::Leaf(Scalar::Text(text)) => text.untrusted().trim().parse().ok(),
            Self::Cut | Self::Leaf(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Marks the last value as cut: for a document that ends within a line.
    pub(crate) fn cut_last(&mut self) {
        let mut last = self;
        loop {
            let is_innermost = match &*last {
                Self::Map(entries) => entries.is_empty(),
                Self::List(items) => items.iter().all(|item| *item == Self::Cut),
                Self::Cut | Self::Leaf(_) => true,
            };
            if is_innermost {
                *last = Self::Cut;
                return;
            }
            let inner = match last {
                Self::Map(entries) => entries.last_mut().map(|(_, value)| value),
                // Behind a marker that there were more stands what was read last.
                Self::List(items) => items.iter_mut().rev().find(|item| **item != Self::Cut),
                Self::Cut | Self::Leaf(_) => None,
            };
            let Some(value) = inner else { return };
            last = value;
        }
    }
}

/// The text of a scalar as it is written; `None` for what has none.
pub(crate) fn scalar_text(scalar: &Scalar) -> Option<String> {
    match scalar {
        Scalar::Bool(truth) => Some(truth.to_string()),
        Scalar::Int(number) => Some(number.to_string()),
        Scalar::Float(number) => Some(number.to_string()),
        Scalar::Text(text) => Some(text.untrusted().to_owned()),
        Scalar::Time(at) => Some(at.to_rfc3339()),
        Scalar::Null | Scalar::Masked | Scalar::Unreadable => None,
    }
}

/// A name as a part of a JSON pointer.
pub(crate) fn pointer(parent: &str, name: &str) -> String {
    let mut out = String::with_capacity(parent.len() + name.len() + 1);
    out.push_str(parent);
    out.push('/');
    for c in name.chars() {
        match c {
            '~' => out.push_str("~0"),
            '/' => out.push_str("~1"),
            _ => out.push(c),
        }
    }
    out
}

/// Reads one value into its slot. What is in the slot stands, whatever happens later.
pub(crate) struct Fill<'a> {
    /// Where the value goes.
    pub(crate) slot: &'a mut Tree,
    /// Values that may still be read.
    pub(crate) left: &'a mut usize,
    /// How deep this value lies.
    pub(crate) depth: usize,
}

impl<'de> DeserializeSeed<'de> for Fill<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > DEPTH_MAX {
            return Err(D::Error::custom("values are nested too deep"));
        }
        *self.left = self.left.checked_sub(1).ok_or_else(|| D::Error::custom("too many values"))?;
        deserializer.deserialize_any(self)
    }
}

impl Fill<'_> {
    fn leaf(self, scalar: Scalar) {
        *self.slot = Tree::Leaf(scalar);
    }
}

impl<'de> Visitor<'de> for Fill<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<(), E> {
        self.leaf(Scalar::Bool(truth));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.leaf(Scalar::Int(number));
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers beyond i64 have no exact type here")]
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.leaf(i64::try_from(number).map_or(Scalar::Float(number as f64), Scalar::Int));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.leaf(if number.is_finite() { Scalar::Float(number) } else { Scalar::Unreadable });
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.leaf(Scalar::Text(Raw::new(text)));
        Ok(())
    }

    fn visit_string<E>(self, text: String) -> Result<(), E> {
        self.leaf(Scalar::Text(Raw::new(text)));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.leaf(Scalar::Null);
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        self.leaf(Scalar::Null);
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        *self.slot = Tree::List(Vec::new());
        let Tree::List(items) = self.slot else { return Ok(()) };
        loop {
            let mut value = Tree::Cut;
            let fill = Fill { slot: &mut value, left: &mut *self.left, depth: self.depth + 1 };
            match seq.next_element_seed(fill) {
                Ok(Some(())) => items.push(value),
                Ok(None) => return Ok(()),
                Err(error) => {
                    if value != Tree::Cut {
                        items.push(value);
                    }
                    // There were more.
                    items.push(Tree::Cut);
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        *self.slot = Tree::Map(Vec::new());
        let Tree::Map(entries) = self.slot else { return Ok(()) };
        let result = loop {
            let mut name = Tree::Cut;
            let key = Fill { slot: &mut name, left: &mut *self.left, depth: DEPTH_MAX };
            match map.next_key_seed(key) {
                Ok(Some(())) => {}
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
            let mut value = Tree::Cut;
            let fill = Fill { slot: &mut value, left: &mut *self.left, depth: self.depth + 1 };
            let read = map.next_value_seed(fill);
            entries.push((name.text().unwrap_or_default(), value));
            if let Err(error) = read {
                break Err(error);
            }
        };
        keep_last_of_each(entries);
        result
    }
}

/// Leaves the last entry of each name, as the server's own readers do.
pub(crate) fn keep_last_of_each(entries: &mut Vec<(String, Tree)>) {
    let names: BTreeSet<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    if names.len() == entries.len() {
        return;
    }
    let mut seen = BTreeSet::new();
    entries.reverse();
    entries.retain(|(name, _)| seen.insert(name.clone()));
    entries.reverse();
}
