//! `why401 endpoints`: each endpoint's simulated path, step by step, and what assumptions would change.

use std::path::PathBuf;

use clap::Args;
use why401::remedy::assume::Assumption;
use why401::report::{self, terminal};

use super::NOTHING_WRONG;
use super::failure::Failure;
use super::output::{self, Look};
use super::source::{Form, Scope};

/// Show each endpoint's authentication path, step by step
#[derive(Args, Debug)]
pub struct Endpoints {
    /// Folders, files and archives to read, together
    #[arg(required = true, value_name = "BUNDLE")]
    paths: Vec<PathBuf>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Show what would change if this were so; several apply in their order [possible forms: spn add HTTP/NAME ACCOUNT,
    /// spn remove HTTP/NAME ACCOUNT, set SITE[/APP] useAppPoolCredentials=true, pool NAME identity=ACCOUNT,
    /// providers SITE[/APP] Negotiate,NTLM, etypes ACCOUNT aes256,aes128; … on SERVER]
    #[arg(long, value_name = "ASSUMPTION", value_parser = Assumption::parse)]
    assume: Vec<Assumption>,
    #[command(flatten)]
    scope: Scope,
}

impl Endpoints {
    /// Writes the endpoints.
    pub fn run(&self) -> Result<u8, Failure> {
        let look = Look::of_stdout();
        if !self.assume.is_empty() {
            let what_if = self.scope.what_if(&self.paths, &self.assume)?;
            output::print(&match self.format {
                Form::Terminal => terminal::what_if(&what_if, look.width, look.colour),
                Form::Json => report::what_if_json(&what_if),
            })?;
            return Ok(NOTHING_WRONG);
        }
        let (_, report) = self.scope.analyze(&self.paths)?;
        output::print(&match self.format {
            Form::Terminal => terminal::endpoints(&report, look.width, look.colour),
            Form::Json => report::endpoints_json(&report),
        })?;
        Ok(NOTHING_WRONG)
    }
}
