//! `auditpol /get /category:* /r` and `/backup`: CSV, in which the number of a subcategory is the same everywhere.
//!
//! ```text
//! Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting,Setting Value
//! WEB01,System,Logon,{0CCE9215-69AE-11D9-BED3-505054503030},Success and Failure,,3
//! ```

use super::{AuditSetting, Audited, SUBCATEGORIES, Words};
use crate::evidence::ArtifactId;
use crate::readers::console::Section;

/// Columns, counted from 0.
const SUBCATEGORY: usize = 3;
const SETTING: usize = 4;
const VALUE: usize = 6;

pub(super) fn read(artifact: ArtifactId, section: &Section<'_>) -> Vec<AuditSetting> {
    let rows = || {
        section.lines.iter().filter_map(|line| {
            let cells: Vec<&str> = line.text.split(',').map(str::trim).collect();
            let number = cells.get(SUBCATEGORY)?.strip_prefix('{')?;
            Some((line, number.get(..8)?.to_ascii_uppercase(), cells))
        })
    };
    let words = Words::learn(
        rows()
            .filter_map(|(.., cells)| cells.get(SETTING).copied())
            .filter(|setting| !setting.is_empty()),
    );
    rows()
        .filter_map(|(line, number, cells)| {
            let (subcategory, ..) = SUBCATEGORIES.iter().find(|(_, id, ..)| *id == number)?;
            let value = cells.get(VALUE).and_then(|value| bits(value));
            let setting = || words.meaning(cells.get(SETTING)?);
            let (success, failure) = value.or_else(setting)?;
            let machine = cells.first().filter(|name| !name.is_empty());
            Some(AuditSetting {
                host: machine
                    .map(|name| (*name).to_owned())
                    .or(section.host.clone()),
                subcategory: *subcategory,
                success,
                failure,
                from: line.cite(artifact),
            })
        })
        .collect()
}

/// The setting as a number: 1 success, 2 failure; 4 says that nothing is audited.
fn bits(value: &str) -> Option<Audited> {
    let value: u8 = value.parse().ok()?;
    (value <= 4).then_some((value & 1 != 0, value & 2 != 0))
}
