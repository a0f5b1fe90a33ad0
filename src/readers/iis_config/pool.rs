//! Application pools: `applicationPools/add`, with what `applicationPoolDefaults` supplies.

use std::collections::BTreeSet;

use crate::evidence::{ArtifactId, Problem};

use super::config_file::ConfigFile;
use super::model::{IdentityType, Pool, Setting};
use super::schema::{read_bool, read_identity};
use super::server::{nearest, nearest_word};
use super::tree::Node;
use super::unknown;

/// What says who a pool runs as.
const IDENTITY: &str = "identityType";

/// The pools of a server, in the order of the file.
pub(super) fn pools(server: &ConfigFile, problems: &mut Vec<Problem>) -> Vec<Pool> {
    let mut pools: Vec<Pool> = Vec::new();
    let mut names = BTreeSet::new();
    for all in server.part("applicationPools") {
        for node in all.named("add") {
            // Its identity may stand in the lost part: the default would be a guess.
            if !node.is_closed() {
                problems.push(node.problem(server.artifact, "the pool is cut off and left out"));
                continue;
            }
            let pool = pool(server.artifact, all, node);
            if !names.insert(pool.name.to_lowercase()) {
                problems.push(node.problem(
                    server.artifact,
                    "a second pool has this name; both are read",
                ));
            }
            if node
                .below(&["processModel"])
                .iter()
                .any(has_unknown_identity)
            {
                let says = "the value of identityType, or its name, is not one that IIS knows: who the pool runs as is not known";
                problems.push(node.problem(server.artifact, says));
            }
            pools.push(pool);
        }
    }
    pools
}

/// Names, lower-case, of the pools whose `enableConfigurationOverride` is false: IIS ignores every web.config of their
/// applications.
pub(super) fn refusing_web_configs(server: &ConfigFile) -> BTreeSet<String> {
    let mut refusing = BTreeSet::new();
    for all in server.part("applicationPools") {
        for node in all.named("add") {
            let levels = std::iter::once(node).chain(all.named("applicationPoolDefaults"));
            let allows = levels
                .filter_map(|node| node.attribute("enableConfigurationOverride"))
                .find_map(read_bool);
            if allows == Some(false) {
                refusing.insert(node.attribute("name").unwrap_or_default().to_lowercase());
            }
        }
    }
    refusing
}

/// Whether a kind of identity is written that IIS does not know, or under a name that is a slip of `identityType`.
fn has_unknown_identity(model: &Node<'_>) -> bool {
    match model.attribute(IDENTITY) {
        Some(written) => read_identity(written).is_none(),
        None => {
            let mut unknown = unknown::in_process_model(*model).into_iter();
            unknown.any(|item| item.meant == Some(IDENTITY))
        }
    }
}

fn pool(artifact: ArtifactId, all: Node<'_>, node: Node<'_>) -> Pool {
    let mut levels = vec![node];
    levels.extend(all.named("applicationPoolDefaults"));
    let models: Vec<Node<'_>> = levels
        .iter()
        .flat_map(|level| level.named("processModel"))
        .collect();
    let mut identity_type = nearest(
        artifact,
        &models,
        IDENTITY,
        || IdentityType::ApplicationPoolIdentity,
        read_identity,
    );
    let mut user_name = nearest(artifact, &models, "userName", String::new, |name| {
        Some(name.trim().into())
    });
    // What IIS does not know leaves nothing to tell who the pool runs as: least of all that it is the default. Nor does what was
    // damaged on its way.
    let said = models
        .iter()
        .find(|m| m.attribute(IDENTITY).is_some() || has_unknown_identity(m));
    let is_unknown = match said {
        Some(model) => has_unknown_identity(model),
        None => levels.iter().any(|level| level.is_garbled()),
    };
    if is_unknown {
        identity_type.value = IdentityType::SpecificUser;
        user_name.value.clear();
    }
    if identity_type.value != IdentityType::SpecificUser {
        user_name = not_in_force(user_name);
    }
    let password = models.iter().find_map(|model| {
        model
            .attributes()
            .iter()
            .find(|attribute| attribute.name == "password")
    });
    Pool {
        name: node.attribute("name").unwrap_or_default().to_owned(),
        from: node.cite(artifact),
        identity_type,
        user_name,
        password_set: password.is_some_and(|password| !password.value.is_empty()),
        password_fingerprint: password.and_then(|password| password.fingerprint.clone()),
        logon_type: nearest_word(
            artifact,
            &models,
            "logonType",
            &[("LogonBatch", 0), ("LogonService", 1)],
        ),
        manual_group_membership: nearest(
            artifact,
            &models,
            "manualGroupMembership",
            || false,
            read_bool,
        ),
        auto_start: nearest(artifact, &levels, "autoStart", || true, read_bool),
        pipeline_mode: nearest_word(
            artifact,
            &levels,
            "managedPipelineMode",
            &[("Integrated", 0), ("Classic", 1)],
        ),
        managed_runtime: nearest(
            artifact,
            &levels,
            "managedRuntimeVersion",
            || "v4.0".to_owned(),
            |version| Some(version.trim().to_owned()),
        ),
    }
}

/// A user name that stands in the file although the identity type does not use it.
fn not_in_force(written: Setting<String>) -> Setting<String> {
    use super::model::Origin;
    let mut overridden = written.overridden;
    if let Origin::Set(from) = written.origin {
        overridden.insert(0, (written.value, from));
    }
    Setting {
        value: String::new(),
        origin: Origin::SchemaDefault,
        overridden,
    }
}
