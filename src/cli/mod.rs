//! The command line: arguments become a high-level request, the library does the work, the result becomes an exit code.
//!
//! One file a subcommand; no analysis here.

mod analyze;
mod diff;
mod endpoints;
mod events;
mod explain;
mod failure;
mod inspect;
mod output;
mod progress;
mod schema;
mod show;
mod source;
#[cfg(test)]
mod tests;
mod timeline;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// Analysed, and nothing wrong found.
const NOTHING_WRONG: u8 = 0;
/// At least one finding is likely or confirmed.
const FOUND: u8 = 1;
/// The command could not do its work.
const COULD_NOT: u8 = 2;
/// There are failures or doubts, and the inputs do not decide the cause.
const UNDECIDED: u8 = 3;

/// Says why IIS answered 401 to a Windows user, or let Kerberos fall back to NTLM, from a support bundle.
///
/// A bundle is folders, files and archives with what was collected: event logs in any export, configuration, logs and
/// traces of IIS, the output of setspn, klist and other commands; also a whole collection of TSS, SDP, the auth scripts or
/// LogCatcher. Nothing is unpacked to disk, and no live system is touched.
#[derive(Debug, Parser)]
#[command(
    name = "why401",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Exit codes: 0 nothing wrong found; 1 a cause is likely or confirmed; 2 the command could not do its \
                  work; 3 there are failures, but the inputs do not decide the cause."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    analyze: analyze::Analyze,
}

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(analyze::Analyze),
    Inspect(inspect::Inspect),
    Endpoints(endpoints::Endpoints),
    Timeline(timeline::Timeline),
    Events(events::Events),
    Diff(diff::Diff),
    Show(show::Show),
    Explain(explain::Explain),
    Schema(schema::Schema),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    match dispatch(Arguments::parse()) {
        Ok(code) => ExitCode::from(code),
        // Whoever reads our output has seen enough.
        Err(Failure::ReaderGone) => ExitCode::from(NOTHING_WRONG),
        Err(failure) => {
            // With standard error gone as well there is nobody left to tell.
            _ = writeln!(anstream::stderr(), "why401: {failure}");
            ExitCode::from(COULD_NOT)
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<u8, Failure> {
    match arguments.command {
        None => arguments.analyze.run(),
        Some(Command::Analyze(analyze)) => analyze.run(),
        Some(Command::Inspect(inspect)) => inspect.run(),
        Some(Command::Endpoints(endpoints)) => endpoints.run(),
        Some(Command::Timeline(timeline)) => timeline.run(),
        Some(Command::Events(events)) => events.run(),
        Some(Command::Diff(diff)) => diff.run(),
        Some(Command::Show(show)) => show.run(),
        Some(Command::Explain(explain)) => explain.run(),
        Some(Command::Schema(schema)) => schema.run(),
    }
}
