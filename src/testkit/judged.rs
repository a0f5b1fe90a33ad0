//! What a test asserts of a judgement. A failed assertion says what was judged instead.

use crate::causes::{Judged, Judgement, Status};

impl Judgement {
    /// The findings of a cause.
    pub(crate) fn of(&self, cause: &str) -> Vec<&Judged> {
        self.findings
            .iter()
            .filter(|f| f.cause.id == cause)
            .collect()
    }

    /// Asserts that a cause is found with this status.
    #[track_caller]
    pub(crate) fn assert_found(&self, cause: &str, status: Status) -> &Self {
        let found: Vec<Status> = self.of(cause).iter().map(|f| f.status).collect();
        assert!(
            found.contains(&status),
            "{cause}: {found:?}; all: {:?}",
            self.summary()
        );
        self
    }

    /// Asserts that a cause is not found, whatever the status.
    #[track_caller]
    pub(crate) fn assert_not_found(&self, cause: &str) -> &Self {
        assert!(
            self.of(cause).is_empty(),
            "{cause} found; all: {:?}",
            self.summary()
        );
        self
    }

    /// Asserts that a cause lacks its deciding input, and is not found.
    #[track_caller]
    pub(crate) fn assert_not_assessed(&self, cause: &str) -> &Self {
        self.assert_not_found(cause);
        assert!(
            self.not_assessed
                .iter()
                .any(|(c, m)| c.id == cause && !m.is_empty()),
            "{cause}; all: {:?}",
            self.summary()
        );
        self
    }

    /// Asserts that a cited fact rules a cause out.
    #[track_caller]
    pub(crate) fn assert_ruled_out(&self, cause: &str) -> &Self {
        self.assert_not_found(cause);
        assert!(
            self.ruled_out
                .iter()
                .any(|(c, r)| c.id == cause && !r.from.is_empty()),
            "{cause}; all: {:?}",
            self.summary()
        );
        self
    }

    fn summary(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .findings
            .iter()
            .map(|f| format!("{} {:?}", f.cause.id, f.status))
            .collect();
        all.extend(
            self.ruled_out
                .iter()
                .map(|(c, _)| format!("{} ruled out", c.id)),
        );
        all.extend(
            self.not_assessed
                .iter()
                .map(|(c, _)| format!("{} not assessed", c.id)),
        );
        all
    }
}
