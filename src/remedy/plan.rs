//! A remedy: exact steps in their order, each with its risk and the point at which to stop.

use super::commands::Written;
use super::quoting::Command;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The command; `None` when the step is not a command, or its names cannot be quoted safely.
    pub command: Option<Command>,
    /// What it does and why here, as one sentence.
    pub says: String,
    /// What it may break, where it may break something.
    pub risk: Option<String>,
    /// What must make the reader stop before or after it.
    pub stop_if: Option<String>,
}

impl Step {
    /// A step that is a command. A name that cannot be quoted safely leaves the step without one and says so.
    pub fn run(command: Written, says: impl Into<String>) -> Self {
        let mut says = says.into();
        let command = match command {
            Ok(command) => Some(command),
            Err(unquotable) => {
                says = format!(
                    "{says} (by hand: a name in it cannot stand in a command because {})",
                    unquotable.why
                );
                None
            }
        };
        Self {
            command,
            says,
            risk: None,
            stop_if: None,
        }
    }

    /// A step for hands or heads.
    pub fn by_hand(says: impl Into<String>) -> Self {
        Self {
            command: None,
            says: says.into(),
            risk: None,
            stop_if: None,
        }
    }

    /// Names what it may break.
    pub fn risk(mut self, risk: impl Into<String>) -> Self {
        self.risk = Some(risk.into());
        self
    }

    /// Names what must make the reader stop.
    pub fn stop_if(mut self, condition: impl Into<String>) -> Self {
        self.stop_if = Some(condition.into());
        self
    }
}

/// What to do about a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    /// The fix, in the safest order.
    pub fix: Vec<Step>,
    /// How to check that it worked.
    pub verify: Vec<Step>,
    /// How to undo it.
    pub rollback: Vec<Step>,
    /// How to keep it from coming back.
    pub prevent: Vec<Step>,
}

impl Remedy {
    /// A remedy that begins with these steps.
    pub fn of(fix: Vec<Step>) -> Self {
        Self {
            fix,
            ..Self::default()
        }
    }

    /// How to check that it worked.
    pub fn verify(mut self, steps: Vec<Step>) -> Self {
        self.verify = steps;
        self
    }

    /// How to undo it.
    pub fn rollback(mut self, steps: Vec<Step>) -> Self {
        self.rollback = steps;
        self
    }

    /// How to keep it from coming back.
    pub fn prevent(mut self, says: &str) -> Self {
        self.prevent = vec![Step::by_hand(says)];
        self
    }
}
