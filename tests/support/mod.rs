//! The fixture builder: whole support bundles from a few lines of Rust.
//!
//! # How to tell a story
//!
//! ```ignore
//! use crate::support::prelude::*;
//!
//! pub fn spn_on_machine_user_mode() -> Story {
//!     let mut w = story("spn-on-machine-user-mode", "One line", "One paragraph: what happened and what must follow.");
//!     let (dc, web, pc) = (w.dc("DC1"), w.server("WEB01"), w.client("PC0142"));      // HOST SPNs come by themselves
//!     let (uma, pool) = (w.user("uma"), w.service_account("svc_web"));
//!     w.register("HTTP/shop.corp.example", &web.machine());                          // the truth of the directory
//!     w.config(&web, &ApplicationHost::new()                                         // the truth of the server
//!         .pool(Pool::new("Shop").specific_user(&pool.down_level()))
//!         .site(Site::new("Shop").http(80, "shop.corp.example").pool("Shop"))
//!         .location("Shop", Auth::new().anonymous(false).windows(Windows::enabled().use_kernel_mode(false))));
//!     w.setspn("setspn.txt", Prompt::Cmd, Encoding::Oem850, &["-Q HTTP/shop.corp.example"]);  // derived from it
//!     let visit = Visit::new(&pc, &uma, &web, "HTTP/shop.corp.example");
//!     let (from, to) = (w.at("08:00"), w.at("10:30"));
//!     w.kerberos_modified(&visit, &web.machine(), &pool, 12, from, to);              // events on all machines
//!     w.noise(&web, 200);
//!     w.finish(Expected::root_cause().finding("SPN-06", Status::Confirmed, &[("site", "Shop")]))
//! }
//! ```
//!
//! Put the function into `stories/<group>.rs`, name it in the list of that file, then write the files:
//!
//! ```text
//! WHY401_BLESS=1 cargo test --test fixtures
//! ```
//!
//! `cargo test --test fixtures` fails while the files on disk differ from what the stories say, byte for byte.
//!
//! # What is where
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`story`] | the world of a story, failure mechanisms, expectations, files on disk |
//! | [`stories`] | the stories themselves |
//! | [`events`] | a constructor for each event that matters, and noise |
//! | [`texts`] | what commands print and logs hold, in their languages and encodings |
//! | [`collectors`] | the layouts of Microsoft's collectors, filled from the story |
//! | [`archives`] | tar, gzip, cabinet, 7z |
//! | [`config`] | applicationHost.config and web.config |
//! | [`evtx_writer`] | real `.evtx` bytes, and the same events as XML |
//! | [`directory`], [`dice`] | names of domains, accounts and hosts; reproducible variety |
//! | [`large`] | logs of any size, for benchmarks |
//!
//! Three rules keep fixtures honest. *Derive, do not repeat*: setspn output comes from `register`, so that it cannot
//! contradict the events. *Leave out what was not sent*: `omit_log`, `omit_logs_of`. *Everything is reproducible*: no
//! clock, no environment; what varies follows from the story's name, so renaming a story changes its bytes.

#![allow(
    dead_code,
    unused_imports,
    reason = "every test binary uses another part of the builder"
)]

pub mod archives;
pub mod collectors;
pub mod config;
pub mod dice;
pub mod directory;
pub mod events;
pub mod evtx_writer;
pub mod large;
pub mod stories;
pub mod story;
pub mod texts;

/// What a story needs.
pub mod prelude {
    pub use super::config::{
        ApplicationHost, Auth, ExtendedProtection, Pool, Providers, Site, WebConfig, Windows,
    };
    pub use super::directory::{Account, Domain, Host, Role};
    pub use super::events;
    pub use super::evtx_writer::{Value, hex};
    pub use super::story::{
        Archive, Expected, Fallback, Layout, LogForm, Status, Story, Verdict, Visit, Way, World,
        story,
    };
    pub use super::texts::klist::{self, Ticket};
    pub use super::texts::{self, Encoding, Language, Prompt, Transcript, nslookup, setspn};
}
