//! Changes that somebody makes during a story: each is logged where Windows logs it, and is true from then on.

use jiff::Timestamp;

use super::World;
use crate::support::directory::{Account, Host};
use crate::support::events::*;

impl World {
    /// `by` adds an SPN now: 5136, and the directory knows it from here on.
    pub fn add_spn(&mut self, at: Timestamp, spn: &str, account: &Account, by: &Account) {
        let dc = self.first_dc();
        self.event(spn_added(at, &dc, account, spn, by));
        self.register(spn, account);
    }

    /// `by` removes an SPN now: 5136, and the directory no longer has it.
    pub fn remove_spn(&mut self, at: Timestamp, spn: &str, account: &Account, by: &Account) {
        let dc = self.first_dc();
        self.event(spn_removed(at, &dc, account, spn, by));
        self.unregister(spn, account);
    }

    /// `by` sets the password of an account: 4724 and 4738.
    pub fn set_password(&mut self, at: Timestamp, account: &Account, by: &Account) {
        let dc = self.first_dc();
        self.event(password_set(at, &dc, account, by));
        let when = at.strftime("%-m/%-d/%Y %-I:%M:%S %p").to_string();
        self.event(user_changed(at, &dc, account, by).with("PasswordLastSet", when));
    }

    /// An attribute of the IIS configuration changes: IIS-Configuration 29 and 50. `location` is `Site/app` or empty.
    pub fn change_config(
        &mut self,
        at: Timestamp,
        server: &Host,
        location: &str,
        attribute: &str,
        (old, new): (&str, &str),
    ) {
        self.event(iis_configuration_changed(
            at, server, location, attribute, old, new,
        ));
        let done = self.soon(at, 50);
        self.event(iis_configuration_committed(done, server));
    }
}
