//! Console output, told by shape, because the words are in the language of the server: setspn, klist and nslookup here,
//! the other tools by their rows in [`SHAPES`](super::tools::SHAPES).
//!
//! ```text
//! C:\>setspn -L svc                                          an echoed command
//! CN=svc,OU=Dienste,DC=corp,DC=test  /  →HTTP/web            a distinguished name, then indented SPNs
//! Die Domäne "DC=corp,DC=test" wird überprüft. … SPN         a domain that is searched, and later a sentence about SPNs
//! #0>     Client: bob @ CORP.TEST                            a ticket
//! Indicateurs de tickets 0x50a00000 -> forwardable initial   its flags, never translated
//! Aktuelle Anmelde-ID ist 0:0x3e7                            a logon session
//! klist failed with 0xc000018b/-1073741429                   a failure
//! ```

use super::Tool;

/// Longest line that counts as console output.
const LONGEST: usize = 1024;

/// True when the lines hold output of a known tool, or its command, echoed; answers of nslookup only below their echoed
/// command, as without it nothing says what was asked.
pub(super) fn is_console(lines: &[String]) -> bool {
    let shown: Vec<&str> = lines.iter().map(String::as_str).collect();
    is_of_first_tools(lines)
        || (0..shown.len())
            .filter_map(|at| shown.get(at..))
            .any(|rest| Tool::opened_by(rest).is_some())
}

fn is_of_first_tools(lines: &[String]) -> bool {
    let mut name_before = false;
    let mut searches = false;
    let mut tells_spn = false;
    for line in lines
        .iter()
        .filter(|line| line.len() <= LONGEST && !line.trim().is_empty())
    {
        if is_echo(line)
            || is_ticket(line)
            || is_flags(line)
            || is_session(line)
            || is_fixed_phrase(line)
        {
            return true;
        }
        if name_before && is_spn(line) {
            return true;
        }
        name_before = names_object(line);
        searches |= !name_before && searched_domain(line);
        tells_spn |= tells_of_spn(line);
        if searches && tells_spn {
            return true;
        }
    }
    false
}

/// What Windows klist can be told to do, without a switch before it.
pub(crate) const KLIST_VERBS: [&str; 10] = [
    "tickets",
    "tgt",
    "purge",
    "sessions",
    "kcd_cache",
    "get",
    "add_bind",
    "query_bind",
    "purge_bind",
    "cloud_debug",
];

/// First arguments that tell a command from a sentence where no prompt stands before it.
const BARE_VERBS: [&str; 4] = ["list", "http", "query", "show"];

/// `C:\>setspn -L x`, `PS C:\> & klist`, `[web01]: PS> klist get x`, `> klist`, or the command alone in column 0.
fn is_echo(line: &str) -> bool {
    if is_command(line, false) {
        return true;
    }
    // The prompt ends at the last `>` that stands before the command; folders cannot have one in their name.
    line.match_indices('>').take(4).any(|(at, _)| {
        let (prompt, command) = line.split_at(at);
        is_prompt(prompt) && is_command(command.trim_start_matches('>').trim_start(), true)
    })
}

fn is_prompt(prompt: &str) -> bool {
    let prompt = match prompt.split_once("]:") {
        Some((host, rest)) if host.starts_with('[') => rest.trim_start(),
        _ => prompt,
    };
    let place = prompt.strip_prefix("*Evil-WinRM*").unwrap_or(prompt).trim();
    let place = place.strip_prefix("PS").map_or(place, str::trim_start);
    // `C:\folder`, `IIS:\`, a lone `>`; anything longer than a drive name before the colon is no place.
    place.is_empty()
        || place
            .split_once(':')
            .is_some_and(|(drive, _)| drive.len() <= 12 && drive.chars().all(char::is_alphanumeric))
}

/// Without a prompt before it, a sentence may begin with the name of a program.
fn is_command(text: &str, prompted: bool) -> bool {
    let text = text.strip_prefix('&').map_or(text, str::trim_start);
    let (program, arguments) = match text.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.split_once(['"', '\'']).unwrap_or((quoted, "")),
        None => text.split_once(char::is_whitespace).unwrap_or((text, "")),
    };
    let name = program
        .rsplit(['\\', '/'])
        .next()
        .unwrap_or(program)
        .to_ascii_lowercase();
    let first = arguments.split_whitespace().next();
    match name.strip_suffix(".exe").unwrap_or(&name) {
        "setspn" => first.is_some(),
        "klist" => first.is_none_or(|verb| {
            verb.starts_with('-') || KLIST_VERBS.contains(&verb.to_ascii_lowercase().as_str())
        }),
        // A name alone, or one server, type or option beside it; prose about the program goes on.
        "nslookup" | "resolve-dnsname" => {
            let few = arguments.split_whitespace().count() <= 3;
            first.is_some_and(|word| {
                word.starts_with('-') || (few && (prompted || word.contains(['.', '-'])))
            })
        }
        name => {
            let told = || {
                let verb = |word: &str| BARE_VERBS.contains(&word.to_ascii_lowercase().as_str());
                name.contains('-')
                    || first.is_none_or(|word| word.starts_with(['-', '/']) || verb(word))
            };
            Tool::of_program(name).is_some() && (prompted || told())
        }
    }
}

/// `#0>     Client: bob @ CORP.TEST`
fn is_ticket(line: &str) -> bool {
    let number = line
        .trim_start()
        .strip_prefix('#')
        .and_then(|rest| rest.split_once('>'));
    number.is_some_and(|(digits, rest)| {
        !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && rest.contains(" @ ")
            && rest.contains(':')
    })
}

const FLAGS: [&str; 8] = [
    "forwardable",
    "forwarded",
    "proxiable",
    "renewable",
    "initial",
    "pre_authent",
    "ok_as_delegate",
    "name_canonicalize",
];

/// `Ticket Flags 0x60a10000 -> forwardable forwarded`: the words of the flags are the same in every language.
fn is_flags(line: &str) -> bool {
    line.split_once(" -> ").is_some_and(|(before, after)| {
        let value = before
            .rsplit(char::is_whitespace)
            .next()
            .and_then(hexadecimal);
        value.is_some()
            && after
                .split_whitespace()
                .next()
                .is_some_and(|flag| FLAGS.contains(&flag))
    })
}

/// `Current LogonId is 0:0x3e7`, `[0] Session 2 0:0x24bae6 CORP\bob Negotiate:Interactive`
fn is_session(line: &str) -> bool {
    line.len() <= 200
        && line.split_whitespace().any(|word| {
            word.split_once(':').is_some_and(|(high, low)| {
                (1..=8).contains(&high.len())
                    && high.bytes().all(|b| b.is_ascii_hexdigit())
                    && hexadecimal(low).is_some()
            })
        })
}

/// The digits of `0x…`, where there are one to eight of them and nothing else.
fn hexadecimal(word: &str) -> Option<&str> {
    let digits = word
        .strip_prefix("0x")
        .or_else(|| word.strip_prefix("0X"))?;
    ((1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit()))
        .then_some(digits)
}

/// Phrases that the programs print in every language, or that exist in English only.
fn is_fixed_phrase(line: &str) -> bool {
    let line = line.trim_start();
    const STARTS: [&str; 13] = [
        "klist failed with 0x",
        "klist: ",
        "Error calling API LsaCallAuthenticationPackage",
        "FindDomainForAccount: ",
        "Ldap Error(0x",
        "Registered ServicePrincipalNames for ",
        "No such SPN found",
        "Existing SPN found",
        "Cached TGT:",
        "Cached Tickets: (",
        "Cloud Kerberos Debug info",
        "KDC binding cache entries",
        "Keytab name: ",
    ];
    const CACHES: [&str; 6] = ["FILE:", "DIR:", "KCM:", "KEYRING:", "API:", "MSLSA:"];
    STARTS.iter().any(|start| line.starts_with(start))
        || line.contains("KerbTicket")
        || (line.contains("duplicate SPN")
            && line
                .split_whitespace()
                .any(|word| word.parse::<u64>().is_ok()))
        || ["Ticket cache: ", "Credentials cache: "]
            .iter()
            .any(|label| {
                line.strip_prefix(label)
                    .is_some_and(|rest| CACHES.iter().any(|cache| rest.starts_with(cache)))
            })
}

/// A line that names one directory object: `CN=…,DC=…` alone in column 0, or inside the heading of a list.
fn names_object(line: &str) -> bool {
    let object = ["CN=", "OU="].iter().any(|part| line.contains(part));
    let starts = ["CN=", "OU=", "DC="]
        .iter()
        .any(|part| line.starts_with(part));
    line.contains("DC=") && (starts || (object && !line.starts_with(char::is_whitespace)))
}

/// An indented `service/host`.
fn is_spn(line: &str) -> bool {
    let spn = line.trim_start();
    let indented = spn.len() < line.len();
    indented
        && spn
            .trim_start_matches('"')
            .split_once('/')
            .is_some_and(|(service, host)| {
                !service.is_empty()
                    && !service.contains([' ', ':', '=', '\\', '<'])
                    && host.starts_with(|c: char| !c.is_whitespace() && c != '/')
            })
}

/// `Checking domain DC=corp,DC=test`, in any language: a naming context that does not stand first.
fn searched_domain(line: &str) -> bool {
    line.len() <= 300
        && line
            .split_once("DC=")
            .is_some_and(|(before, _)| !before.is_empty())
}

/// A sentence about SPNs; the abbreviation is kept in every language.
fn tells_of_spn(line: &str) -> bool {
    line.len() <= 300 && line.contains("SPN")
}
