//! The evidence book: every citation the report uses, once, under a short id in the order of first use.

use std::collections::HashMap;

use crate::bundle::Artifact;
use crate::evidence::{Citation, Place};
use crate::report::model::{Evidence, Time};

/// Hands out evidence ids.
pub(super) struct Book<'a> {
    artifacts: &'a [Artifact],
    ids: HashMap<Citation, usize>,
    entries: Vec<Evidence>,
}

impl<'a> Book<'a> {
    pub(super) fn new(artifacts: &'a [Artifact]) -> Self {
        Self {
            artifacts,
            ids: HashMap::new(),
            entries: Vec::new(),
        }
    }

    /// The id of a citation, given when it is new.
    pub(super) fn cite(&mut self, citation: &Citation) -> String {
        let next = self.entries.len() + 1;
        let number = *self.ids.entry(citation.clone()).or_insert(next);
        if number == next {
            self.entries.push(self.entry(citation, next));
        }
        format!("E{number}")
    }

    /// The ids of several citations.
    pub(super) fn cite_all<'c>(
        &mut self,
        citations: impl IntoIterator<Item = &'c Citation>,
    ) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for citation in citations {
            let id = self.cite(citation);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// All entries, in the order of their ids.
    pub(super) fn into_entries(self) -> Vec<Evidence> {
        self.entries
    }

    fn entry(&self, citation: &Citation, number: usize) -> Evidence {
        let artifact = self
            .artifacts
            .get(citation.artifact.0 as usize)
            // Only what was assumed stands in no artifact.
            .map_or("--assume".to_owned(), |a| a.path.clone());
        let (line, record_id, xpath) = match &citation.place {
            Place::Whole => (None, None, None),
            Place::Line(line) => (Some(*line), None, None),
            Place::Element { line, path } => (Some(*line), None, Some(path.to_string())),
            Place::Record(id) => (None, Some(*id), None),
        };
        Evidence {
            id: format!("E{number}"),
            artifact,
            line,
            record_id,
            xpath,
            time: citation.time.map(Time),
            text: citation.text.to_string(),
        }
    }
}
