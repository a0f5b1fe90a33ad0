//! What several dumps of one machine say of one thing.
//!
//! In one file the last one counts, of several files that of the collection that was made last. Where not every file says
//! when it was made and what they say differs, the bundle contradicts itself, and the thing is not known.

use std::collections::{BTreeMap, BTreeSet};

use super::MachineState;
use super::agreement::Dumped;
use crate::case::{Case, Contradiction};
use crate::evidence::{ArtifactId, Citation, Cited, Known};

/// Disagreements that are shown of one machine.
const MAX_DISAGREEMENTS: usize = 20;
/// Rights that are compared: Windows has fewer than fifty.
const MAX_RIGHTS: usize = 100;

/// What several dumps come to.
pub(super) enum Settled<T> {
    /// None says anything.
    Nothing,
    /// What those that count say, with the place of each.
    As(Cited<T>),
    /// They differ, and nothing tells which one was made last.
    Disputed(Vec<Citation>),
}

impl<T> Settled<Option<T>> {
    /// As a fact; `None` is what was shown not to be there.
    pub(super) fn known(self) -> Known<T> {
        match self {
            Settled::As(Cited {
                value: Some(value),
                mut from,
            }) => {
                from.truncate(super::SHOWN);
                Known::Present(Cited { value, from })
            }
            Settled::As(Cited { value: None, from }) => Known::Absent(from),
            Settled::Nothing | Settled::Disputed(_) => Known::Unknown,
        }
    }
}

impl<T> Settled<T> {
    /// The value, where it is sure.
    pub(super) fn sure(self) -> Option<Cited<T>> {
        match self {
            Settled::As(cited) => Some(cited),
            Settled::Nothing | Settled::Disputed(_) => None,
        }
    }

    fn disputed(self) -> Option<Vec<Citation>> {
        match self {
            Settled::Disputed(from) => Some(from),
            Settled::Nothing | Settled::As(_) => None,
        }
    }
}

/// What dumps of one machine differ in.
pub(in crate::case) fn contradictions(case: &Case) -> Vec<Contradiction> {
    let machines = case.machines.iter();
    machines
        .flat_map(|(host, machine)| {
            let name = &case.hosts.get(*host).name;
            let differing = machine.disagreements().into_iter();
            differing.map(move |(what, from)| Contradiction {
                says: format!(
                    "{name}: {what} differs between outputs, and nothing tells which one was made last, so none of them counts: collect it once more and send that one alone"
                ),
                from,
            })
        })
        .collect()
}

impl MachineState {
    /// Settles what dumps say of one thing.
    pub(super) fn settle<T: Dumped>(&self, said: Vec<Cited<T>>) -> Settled<T> {
        let mut of_file: BTreeMap<ArtifactId, Cited<T>> = BTreeMap::new();
        for one in said {
            let Some(at) = one.from.first().cloned() else {
                continue;
            };
            let before = of_file.get(&at.artifact).and_then(|b| b.from.first());
            if before.is_none_or(|before| before.place <= at.place) {
                of_file.insert(at.artifact, one);
            }
        }
        let taken = |file: &ArtifactId| self.taken.get(file).copied();
        if of_file.keys().all(|file| taken(file).is_some()) {
            let last = of_file.keys().map(taken).max().flatten();
            of_file.retain(|file, _| taken(file) == last);
        }
        let mut left: Vec<Cited<T>> = of_file.into_values().collect();
        // What a list lacks that was cut is seen against one that was not.
        left.sort_by_key(|one| !one.value.is_complete());
        let mut left = left.into_iter();
        let Some(mut first) = left.next() else {
            return Settled::Nothing;
        };
        let (same, other): (Vec<_>, Vec<_>) = left.partition(|one| one.value.agrees(&first.value));
        let places = |all: Vec<Cited<T>>| {
            all.into_iter()
                .filter_map(|one| one.from.into_iter().next())
        };
        if other.is_empty() {
            first.from.extend(places(same));
            return Settled::As(first);
        }
        let mut from: Vec<Citation> = first.from.into_iter().take(1).collect();
        from.extend(places(other));
        from.truncate(MAX_DISAGREEMENTS);
        Settled::Disputed(from)
    }

    /// What dumps of this machine differ in, each with its places.
    fn disagreements(&self) -> Vec<(String, Vec<Citation>)> {
        // Two users of one machine may have different policies.
        let keys = self.registry.iter().map(|key| key.key);
        let keys: BTreeSet<_> = keys.filter(|key| !key.is_of_user()).collect();
        let names = keys.into_iter().flat_map(|key| {
            let names = key.wanted().iter();
            names.map(move |name| (key, *name))
        });
        let settings = names.filter_map(|(key, name)| {
            let from = self.settle(self.said_of_setting(key, name)).disputed()?;
            Some((format!("{name} of HKLM\\{}", key.path()), from))
        });
        let rights: BTreeSet<&str> = self.rights.iter().map(|r| r.right.as_str()).collect();
        let rights = rights.into_iter().take(MAX_RIGHTS).filter_map(|right| {
            let from = self.settle(self.said_of_right(right)).disputed()?;
            Some((format!("who has {right}"), from))
        });
        let audited: BTreeSet<_> = self.auditing.iter().map(|a| a.subcategory).collect();
        let audited = audited.into_iter().filter_map(|of| {
            let from = self.settle(self.said_of_auditing(of)).disputed()?;
            Some((format!("what is audited of {}", of.shown()), from))
        });
        let channel = self.settle(self.channel_tests()).disputed();
        let channel = channel.map(|from| ("the state of the secure channel".to_owned(), from));
        let all = settings.chain(rights).chain(audited).chain(channel);
        all.take(MAX_DISAGREEMENTS).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Channel, HostId};
    use crate::readers::audit_policy::Subcategory;
    use crate::readers::registry::Key;
    use crate::testkit::{Kit, system};

    const EARLY: &str = "TSS_WEB01_260301-080000_x/a.txt";
    const LATE: &str = "TSS_WEB01_260302-080000_x/a.txt";

    fn lsa(value: &str) -> String {
        format!(
            "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\n{value}    LimitBlankPasswordUse    REG_DWORD    0x1\n    NoLmHash    REG_DWORD    0x1\n"
        )
    }

    fn level(level: u32) -> String {
        lsa(&format!(
            "    LmCompatibilityLevel    REG_DWORD    0x{level}\n"
        ))
    }

    /// What the files say of WEB01, and the contradictions.
    fn shown<T>(files: &[(&str, String)], ask: impl Fn(&MachineState) -> T) -> (T, Vec<String>) {
        let mut kit = Kit::new().event("WEB01.corp.example", system("Filler", 1, &[]));
        for (path, output) in files {
            kit = kit.console(path, output);
        }
        let case = kit.case();
        let host: HostId = case.hosts.find("WEB01").unwrap();
        let says = case.contradictions.iter().map(|c| {
            assert!(c.from.len() > 1, "{c:?}");
            c.says.clone()
        });
        (ask(case.machine(Some(host)).unwrap()), says.collect())
    }

    fn lm(files: &[(&str, String)]) -> (Known<u64>, usize) {
        let ask = |machine: &MachineState| match machine.setting(Key::Lsa, "LmCompatibilityLevel") {
            Known::Present(set) => Known::Present(set.map(|set| set.number().unwrap())),
            Known::Absent(from) => Known::Absent(from),
            Known::Unknown => Known::Unknown,
        };
        let (known, says) = shown(files, ask);
        (known, says.len())
    }

    #[test]
    fn two_dumps_of_unknown_times_contradict_each_other() {
        let (a, b) = ("WEB01/a.txt", "WEB01/b.txt");
        assert_eq!(lm(&[(a, level(5)), (b, level(3))]), (Known::Unknown, 1));
        assert_eq!(
            lm(&[(a, level(5)), (b, lsa(""))]),
            (Known::Unknown, 1),
            "one lacks it"
        );
        let (same, told) = lm(&[(a, level(5)), (b, level(5))]);
        assert_eq!((same.present().map(|p| p.value), told), (Some(5), 0));
        let (_, says) = shown(&[(a, level(5)), (b, level(3))], |_| ());
        assert!(
            says[0].starts_with("WEB01: LmCompatibilityLevel of HKLM\\SYSTEM"),
            "{says:?}"
        );
        // One collection is of a known time, the other is not.
        assert_eq!(lm(&[(EARLY, level(5)), (b, level(3))]), (Known::Unknown, 1));
    }

    #[test]
    fn the_last_collection_counts_and_in_one_file_the_last_output() {
        let both = |early, late| lm(&[(LATE, late), (EARLY, early)]);
        let number = |(known, told): (Known<u64>, usize)| (known.present().map(|p| p.value), told);
        assert_eq!(number(both(level(3), level(5))), (Some(5), 0));
        assert_eq!(number(both(level(5), level(3))), (Some(3), 0));
        let (gone, told) = both(level(5), lsa(""));
        assert!(gone.is_absent() && told == 0);
        let ask = "C:\\>reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\n";
        let session = format!("{ask}{}\n{ask}{}", level(3), level(5));
        assert_eq!(number(lm(&[("WEB01/a.txt", session)])), (Some(5), 0));
    }

    #[test]
    fn rights_auditing_and_the_channel_are_told_alike() {
        let (a, b) = ("WEB01/a.txt", "WEB01/b.txt");
        let right = |holder: &str| {
            format!("[Unicode]\nUnicode=yes\n[Privilege Rights]\nSeBatchLogonRight = *{holder}\n")
        };
        let rights = [(a, right("S-1-5-32-568")), (b, right("S-1-5-32-544"))];
        let (known, says) = shown(&rights, |m| m.right("SeBatchLogonRight"));
        assert!(known.is_unknown() && says.len() == 1, "{says:?}");
        let audit = |setting: &str| {
            format!(
                "System audit policy\n{:42}Setting\nLogon/Logoff\n{:42}{setting}\nAccount Logon\n{:42}Failure\n{:42}Success and Failure\n",
                "Category/Subcategory",
                "  Logon",
                "  Credential Validation",
                "  Kerberos Service Ticket Operations"
            )
        };
        let policies = [(a, audit("Success and Failure")), (b, audit("No Auditing"))];
        let (known, says) = shown(&policies, |m| m.audits(Subcategory::Logon));
        assert!(
            known.is_none()
                && says
                    == [
                        "WEB01: what is audited of Logon differs between outputs, and nothing tells which one was made last, so none of them counts: collect it once more and send that one alone"
                    ]
        );
        let test = |status: &str| {
            format!(
                "C:\\>nltest /sc_verify:corp.example\nFlags: b0 HAS_IP  HAS_TIMESERV\nTrusted DC Name \\\\DC1.corp.example\nTrusted DC Connection Status Status = {status}\nTrust Verification Status = {status}\nThe command completed successfully\n"
            )
        };
        let (works, fails) = (
            test("0 0x0 NERR_Success"),
            test("5 0x5 ERROR_ACCESS_DENIED"),
        );
        let channel = |files: &[(&str, String)]| {
            let ask =
                |m: &MachineState| (m.channel().map(|c| c.value), m.broken_channel().is_some());
            let (state, says) = shown(files, ask);
            (state.0, state.1, says.len())
        };
        assert_eq!(
            channel(&[(a, works.clone()), (b, fails.clone())]),
            (None, true, 1)
        );
        let repaired = [(EARLY, fails.clone()), (LATE, works.clone())];
        assert_eq!(channel(&repaired), (Some(Channel::Works), true, 0));
        let broke = [(EARLY, works), (LATE, fails)];
        assert_eq!(channel(&broke), (Some(Channel::Broken(Some(5))), true, 0));
    }
}
