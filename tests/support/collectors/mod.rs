//! What Microsoft's collectors leave of one machine (`formats.md` 5), filled from the story. Each takes the folder that it
//! writes into; what it does not collect, a story adds beside it as the engineer would have asked for it.

mod auth_scripts;
mod log_catcher;
mod sdp;
mod tss;

pub use log_catcher::Caught;

use jiff::Timestamp;

use super::directory::{Account, Host};
use super::story::World;
use super::texts::klist::{self, Ticket};
use super::texts::{Encoding, Language};

impl World {
    /// The cache of a user, without prompt or echo.
    fn cache_of(&mut self, user: &Account, spns: &[&str], issued: Timestamp) -> String {
        let tickets = self.tickets_of(user, spns, issued);
        klist::tickets(Language::English, 0x4_f1a2, &tickets)
    }

    /// The cache of the machine itself, `klist -li 0x3e7`.
    fn cache_of_machine(&mut self, host: &Host, issued: Timestamp) -> String {
        let machine = host.machine();
        let tickets = self.tickets_of(&machine, &[], issued);
        let own = klist::tickets(Language::English, 0x4_f1a2, &tickets);
        own.replacen("\n\n", "\nTargeted LogonId is 0:0x3e7\n\n", 1)
    }

    fn tickets_of(&self, user: &Account, spns: &[&str], issued: Timestamp) -> Vec<Ticket> {
        let dc = self.first_dc();
        let mut tickets = vec![Ticket::tgt(user, &dc, issued)];
        tickets.extend(
            spns.iter()
                .map(|spn| Ticket::service(user, spn, &dc, issued)),
        );
        tickets
    }

    /// Several texts in one encoding: (file name, text).
    fn texts(&mut self, folder: &str, encoding: Encoding, texts: &[(&str, String)]) {
        for (name, text) in texts {
            self.text(&format!("{folder}{name}"), text, encoding);
        }
    }
}
