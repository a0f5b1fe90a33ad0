//! The group DG against small cases: one application that calls a database in its users' names.

mod configured;
mod forwarded;
mod others;

use crate::testkit::{Happening, Kit, config, kerberos_3, pool, query, security, site, windows};

const WEB: &str = "WEB01.corp.example";
const DC: &str = "DC1.corp.example";
const SQL: &str = "SQL01.corp.example";
const DB: &str = "MSSQLSvc/sql01.corp.example:1433";
const NAME: &str = "HTTP/portal.corp.example";
const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
const MACHINE: &str = "CN=WEB01,CN=Computers,DC=corp,DC=example";
const SVC_SQL: &str = "CN=svc_sql,OU=Service,DC=corp,DC=example";

/// A front end whose tickets the pool's account opens, or the computer account.
fn front(by_pool: bool) -> Kit {
    let attributes = format!("enabled=\"true\" useAppPoolCredentials=\"{by_pool}\"");
    let holder = if by_pool { SVC } else { MACHINE };
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &config(
                &pool("Portal", "CORP\\svc_web"),
                &site("Portal", "*:80:portal.corp.example", "Portal"),
                &windows(&attributes),
                "",
            ),
        )
        .console("q.txt", &query(NAME, &[(holder, &[NAME])]))
        .console("db.txt", &query(DB, &[(SVC_SQL, &[DB])]))
}

/// A listing of an account: class, whether it is trusted for any service, its list, and who may delegate to it.
fn listed(dn: &str, list: &str, named: &str, more: &str) -> String {
    let name = &dn[3..dn.find(',').unwrap()];
    let (class, sam) = match dn.contains("CN=Computers") {
        true => ("computer", format!("{name}$")),
        false => ("user", name.to_owned()),
    };
    format!(
        "PS C:\\> Get-ADObject -Filter x -Properties msDS-AllowedToDelegateTo,PrincipalsAllowedToDelegateToAccount\n\nDistinguishedName : {dn}\nmsDS-AllowedToDelegateTo : {list}\nObjectClass : {class}\nPrincipalsAllowedToDelegateToAccount : {named}\nsAMAccountName : {sam}\n{more}\n"
    )
}

const TRUSTED_FOR_NOTHING: &str = "userAccountControl : 66048";
const TRUSTED_FOR_ANY: &str = "userAccountControl : 590336";
const ANY_PROTOCOL: &str = "userAccountControl : 16843264";

/// A user signs in at the front end.
fn came(user: &'static str, package: &'static str, level: &'static str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", package),
            ("AuthenticationPackageName", package),
            (
                "LmPackageName",
                if package == "NTLM" { "NTLM V2" } else { "-" },
            ),
            ("IpAddress", "10.0.0.77"),
            ("ImpersonationLevel", level),
        ],
    )
}

fn by_kerberos() -> Happening {
    came("uma", "Kerberos", "%%1833")
}

/// The KDC refuses the web server a ticket for the database.
fn refused() -> Happening {
    kerberos_3(DB, "0xd")
}

/// The web server asks for a ticket of its own, from its address.
fn own_ticket() -> Happening {
    security(
        4768,
        &[
            ("TargetUserName", "WEB01$"),
            ("TargetDomainName", "CORP"),
            ("ServiceName", "krbtgt"),
            ("Status", "0x0"),
            ("IpAddress", "::ffff:10.0.0.5"),
        ],
    )
}

/// SQL Server refuses the login of nobody.
fn nobody() -> Happening {
    Happening {
        channel: "Application",
        provider: "MSSQL$PROD",
        id: 18456,
        values: [
            "NT AUTHORITY\\ANONYMOUS LOGON",
            " Reason: Could not find a login matching the name provided.",
            " [CLIENT: 10.0.0.5]",
        ]
        .map(|value| ("", value.to_owned()))
        .into(),
    }
}

/// A ticket in a user's name: asked for with the option that marks constrained delegation.
fn asked(client: &'static str, service: &'static str, status: &'static str) -> Happening {
    security(
        4769,
        &[
            ("TargetUserName", client),
            ("TargetDomainName", "CORP.EXAMPLE"),
            ("ServiceName", service),
            ("TicketOptions", "0x40830000"),
            ("Status", status),
            ("IpAddress", "::ffff:10.0.0.5"),
            (
                "TransmittedServices",
                if status == "0x0" {
                    "svc_web@CORP.EXAMPLE"
                } else {
                    "-"
                },
            ),
        ],
    )
}
