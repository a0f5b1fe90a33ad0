//! Copies of an applicationHost.config that were put aside: they are not in force.

/// Whether a file was put aside as a copy of the live one: `applicationHost.config.bak` beside it, or the file in a
/// backup of appcmd (`inetsrv/backup/<name>/applicationHost.config`).
pub(super) fn is_copy_of(path: &str, live: &str) -> bool {
    const LIVE: &str = "applicationhost.config";
    const ASIDE: [&str; 10] = [
        "config", "bak", "backup", "old", "orig", "original", "copy", "kopie", "prev", "before",
    ];
    let (path, live) = (path.to_lowercase(), live.to_lowercase());
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let (live_folder, live_name) = live.rsplit_once('/').unwrap_or(("", &live));
    if live_name != LIVE || path == live {
        return false;
    }
    let backup = folder
        .split_once("inetsrv/backup/")
        .map(|(before, _)| before);
    if name == LIVE {
        return backup.is_some_and(|before| {
            live_folder.starts_with(before) && !live_folder.contains("inetsrv/backup/")
        });
    }
    let words = name.strip_prefix("applicationhost").unwrap_or("?");
    folder == live_folder
        && words
            .split(|c: char| !c.is_alphanumeric() && c != '?')
            .all(|w| ASIDE.contains(&w) || w.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_copy_of;

    #[test]
    fn copies_beside_the_live_file() {
        let live = "WEB01/applicationHost.config";
        for copy in [
            "WEB01/applicationHost.config.bak",
            "WEB01/ApplicationHost - Copy (2).config",
            "WEB01/applicationHost_old_20240103.config",
        ] {
            assert!(is_copy_of(copy, live), "{copy}");
        }
        for other in [
            live,
            "WEB02/applicationHost.config.bak",
            "WEB02/applicationHost.config",
            "WEB01/applicationHost_WEB02.config",
            "WEB01/WEB02_applicationHost.config",
        ] {
            assert!(!is_copy_of(other, live), "{other}");
        }
        let backup = "WEB01/inetsrv/backup/monday/applicationHost.config";
        assert!(is_copy_of(
            backup,
            "WEB01/inetsrv/config/applicationHost.config"
        ));
        assert!(!is_copy_of(
            backup,
            "WEB02/inetsrv/config/applicationHost.config"
        ));
    }
}
