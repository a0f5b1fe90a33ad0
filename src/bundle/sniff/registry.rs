//! The registry, told by shape: a key in column 0, the head of a `.reg` file, or a list that ends with the path of a key.

/// Lines that the values of one key may take before its path.
const LIST: usize = 80;

/// Whether output of the registry begins with the first of these lines.
pub(super) fn opens(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    is_key_line(first) || is_file_head(first) || is_property_list(lines) || opens_policies(lines)
}

/// `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa`
pub(crate) fn is_key_line(line: &str) -> bool {
    line.starts_with("HKEY_") && line.contains('\\')
}

/// The first line of a `.reg` file.
pub(crate) fn is_file_head(line: &str) -> bool {
    line.starts_with("Windows Registry Editor Version ") || line.trim_end() == "REGEDIT4"
}

/// `Name : value` lines, one of which is `PSPath : …\Registry::HKEY_…`.
fn is_property_list(lines: &[&str]) -> bool {
    let named = |line: &&str| line.contains(" : ") && !line.starts_with(' ');
    lines.first().is_some_and(named)
        && lines
            .iter()
            .take(LIST)
            .take_while(|line| line.contains(" : ") || line.starts_with(' '))
            .any(|line| property_path(line).is_some())
}

/// The key that a list of `Get-ItemProperty` is about.
pub(crate) fn property_path(line: &str) -> Option<&str> {
    let path = line.strip_prefix("PSPath")?;
    let at = path.find("Registry::HKEY_")?;
    path.get(at + "Registry::".len()..).map(str::trim)
}

/// Whether an export of `edge://policy` or `chrome://policy` begins here.
fn opens_policies(lines: &[&str]) -> bool {
    lines.first().is_some_and(|line| line.trim() == "{")
        && lines.iter().skip(1).any(|line| is_policy_export(line))
}

/// The line of such an export below which the policies stand.
pub(crate) fn is_policy_export(line: &str) -> bool {
    let line = line.trim();
    ["\"policyValues\": {", "\"chromePolicies\": {"].contains(&line)
}
