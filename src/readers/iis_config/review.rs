//! What is wrong with a configuration file although it is readable XML: values that IIS would refuse, sections stored
//! elsewhere, the same section twice.

use crate::evidence::Problem;

use super::config_file::{ConfigFile, MAX_REPEATS, SectionUse, stored_elsewhere};
use super::schema::{self, Attribute, Section};

/// The problems of one file.
pub(super) fn review(file: &ConfigFile) -> Vec<Problem> {
    let artifact = file.artifact;
    let mut problems = Vec::new();
    if file.is_transform()
        && let Some(root) = file.tree().roots().next()
    {
        let says = "this is a transform, not a configuration in force; its sections are not taken";
        problems.push(Problem {
            lost: false,
            ..root.problem(artifact, says)
        });
    }
    for node in ["sites", "applicationPools"]
        .into_iter()
        .flat_map(|name| file.part(name))
    {
        if let Some(attribute) = stored_elsewhere(node) {
            problems.push(node.problem(artifact, elsewhere(attribute)));
        }
    }
    for location in file.top().filter(|node| node.name() == "location") {
        let both = ["overrideMode", "allowOverride"].map(|name| location.attribute(name).is_some());
        if both == [true, true] {
            problems.push(location.problem(
                artifact,
                "overrideMode and allowOverride stand together, which IIS refuses; overrideMode is taken",
            ));
        }
    }
    for unknown in super::unknown::in_file(file) {
        problems.push(unknown.node.problem(artifact, unknown.says()));
    }
    for (section, _, uses) in file.all_uses() {
        for (at, repeated) in uses.iter().enumerate().skip(1) {
            let done = if at < MAX_REPEATS {
                "it is read after the others"
            } else {
                "it is left out"
            };
            let says =
                format!("the section is set again for the same path, which IIS refuses; {done}");
            problems.push(repeated.node.problem(artifact, says));
        }
        for used in &uses {
            if let Some(attribute) = stored_elsewhere(used.node) {
                problems.push(used.node.problem(artifact, elsewhere(attribute)));
            }
            problems.extend(unreadable_values(file, section, used));
        }
    }
    problems
}

fn elsewhere(attribute: &str) -> String {
    match attribute {
        "configProtectionProvider" => "the section is encrypted and cannot be read".into(),
        _ => format!("the section is stored elsewhere ({attribute}); that file is not followed"),
    }
}

/// Attributes whose value is not of their type. They are taken as not set.
fn unreadable_values(file: &ConfigFile, section: Section, used: &SectionUse<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for attribute in [
        schema::WINDOWS_ENABLED,
        schema::KERNEL_MODE,
        schema::POOL_CREDENTIALS,
        schema::SINGLE_REQUEST,
        schema::PERSIST_NON_NTLM,
        schema::ANONYMOUS_ENABLED,
        schema::BASIC_ENABLED,
        schema::DIGEST_ENABLED,
        schema::CLIENT_CERTIFICATE_ENABLED,
        schema::IIS_CLIENT_CERTIFICATE_ENABLED,
        schema::KEEP_ALIVE,
        schema::FORWARD_WINDOWS_TOKEN,
        schema::IMPERSONATE,
    ] {
        problems.extend(unreadable(file, section, used, &attribute));
    }
    problems.extend(unreadable(file, section, used, &schema::TOKEN_CHECKING));
    problems.extend(unreadable(file, section, used, &schema::PROTECTION_FLAGS));
    problems.extend(unreadable(file, section, used, &schema::USER_OVERRIDE));
    problems
}

fn unreadable<T>(
    file: &ConfigFile,
    section: Section,
    used: &SectionUse<'_>,
    attribute: &Attribute<T>,
) -> Vec<Problem> {
    if attribute.section != section {
        return Vec::new();
    }
    let nodes = used.node.below(attribute.element).into_iter();
    nodes
        .filter(|node| {
            node.attribute(attribute.name)
                .is_some_and(|value| (attribute.read)(value).is_none())
        })
        .map(|node| {
            let says = format!(
                "the value of {} is not one that IIS knows; it is skipped",
                attribute.name
            );
            node.problem(file.artifact, says)
        })
        .collect()
}
