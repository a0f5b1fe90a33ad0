//! `dsregcmd /status`, whose labels are not translated, and the one word of `Test-ComputerSecureChannel`.
//!
//! ```text
//!              AzureAdJoined : NO
//!               DomainJoined : YES
//!                 DomainName : CORP
//!                Device Name : web01.corp.example
//!                  OnPremTgt : NO
//! ```

use super::{DeviceState, Fact, Found};
use crate::bundle::labelled;
use crate::readers::console::Line;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    for line in lines {
        let Some((label, value)) = labelled(line.text) else {
            continue;
        };
        found.understood = true;
        match label {
            "DomainJoined" => found.add(Fact::DomainJoined(value == "YES"), line),
            "Device Name" => found.named(value, line),
            _ => {
                let answer = match value {
                    "YES" => Some(true),
                    "NO" => Some(false),
                    _ => None,
                };
                if let Some((state, answer)) = state(label).zip(answer) {
                    found.add(Fact::Device(state, answer), line);
                }
            }
        }
    }
}

fn state(label: &str) -> Option<DeviceState> {
    Some(match label {
        "AzureAdJoined" => DeviceState::EntraJoined,
        "WorkplaceJoined" => DeviceState::WorkplaceJoined,
        "AzureAdPrt" => DeviceState::EntraToken,
        "OnPremTgt" => DeviceState::OnPremTgt,
        "CloudTgt" => DeviceState::CloudTgt,
        _ => return None,
    })
}

pub(super) fn read_channel_test(lines: &[Line<'_>], found: &mut Found) {
    for line in lines {
        match line.text.trim() {
            "True" => found.add(Fact::ChannelTest(true), line),
            "False" => found.add(Fact::ChannelTest(false), line),
            _ => {}
        }
    }
}
