//! How a status was reached, for whoever wants to check it: each rule of evidence that counted, in the order in which it is
//! applied ([`Finding::status`]).

use super::{Finding, Ground, Status};

impl Finding {
    /// The rules that gave the status, one sentence each; the last one says what comes of them.
    pub fn reckoning(&self) -> Vec<String> {
        let mut says = Vec::new();
        let counted = |grounds: &[Ground]| {
            let places: usize = grounds.iter().map(|ground| ground.from.len()).sum();
            match (grounds.len(), places) {
                (1, 1) => "1 statement at 1 place".to_owned(),
                (1, places) => format!("1 statement at {places} places"),
                (statements, places) => format!("{statements} statements at {places} places"),
            }
        };
        let (structure, observed) = (!self.structure.is_empty(), !self.observed.is_empty());
        says.push(match structure {
            true => format!(
                "it cannot work as it is set up: {}",
                counted(&self.structure)
            ),
            false => "nothing in configuration or directory shows that it cannot work".to_owned(),
        });
        says.push(match (observed, self.conclusive) {
            (true, true) => format!(
                "it was seen to fail, by something that only this cause writes: {}",
                counted(&self.observed)
            ),
            (true, false) => format!("it was seen to fail: {}", counted(&self.observed)),
            (false, _) => "it was not seen to fail".to_owned(),
        });
        if !self.supporting.is_empty() {
            says.push(format!(
                "fits without deciding: {}",
                counted(&self.supporting)
            ));
        }
        let (earned, rule) = match (structure, observed) {
            (true, true) => (Status::Confirmed, "both agree"),
            (_, true) if self.conclusive => (Status::Confirmed, "it is conclusive by itself"),
            (true, false) => (Status::Likely, "what cannot work was not seen to fail"),
            (false, true) => (
                Status::Likely,
                "what was seen to fail has no ground in the set-up that is shown",
            ),
            (false, false) => (Status::Possible, "nothing decides it"),
        };
        says.push(format!("so far {}: {rule}", word(earned)));
        for ground in &self.contradicting {
            says.push(format!("no more than possible: {}", ground.says));
        }
        for (cause, because) in &self.open_look_alikes {
            says.push(format!(
                "no more than possible: {cause} fits as well: {because}"
            ));
        }
        for missing in &self.lacks {
            says.push(format!(
                "no more than possible: the bundle lacks {}",
                missing.what
            ));
        }
        if let Some(cap) = self.at_most {
            says.push(format!(
                "no more than {}: what it rests on is presumed, or documented too thinly for more",
                word(cap)
            ));
        }
        if let Some(status) = self.status() {
            says.push(format!("together: {}", word(status)));
        }
        says
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "confirmed",
        Status::Likely => "likely",
        Status::Possible => "possible",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::{Input, Subject};
    use crate::evidence::{ArtifactId, Citation};

    #[test]
    fn the_last_sentence_is_the_status_and_the_others_say_why() {
        let at = [Citation::line(ArtifactId(0), 1, "x")];
        let finding = || {
            Finding::about(Subject::default(), "x")
                .structure("s", &at)
                .observed("o", &at)
        };
        let last = |finding: Finding| finding.reckoning().pop();
        assert_eq!(last(finding()).as_deref(), Some("together: confirmed"));
        let capped = finding().at_most(Status::Likely);
        assert_eq!(last(capped).as_deref(), Some("together: likely"));
        let open = finding()
            .or_else("SPN-07", "who holds it is not known")
            .lacks(Input::Klist);
        let says = open.reckoning();
        assert!(
            says.iter()
                .any(|s| s.contains("SPN-07 fits as well: who holds it"))
        );
        assert!(says.iter().any(|s| s.contains("lacks the ticket cache")));
        assert_eq!(says.last().map(String::as_str), Some("together: possible"));
    }
}
