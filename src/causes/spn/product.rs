//! SPN-19: another product on the machine owns `HTTP/<server>`.

use super::shadow;
use crate::case::{AccountId, Case};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, LookAlike, Page, Scene, Status};
use crate::evidence::Citation;
use crate::negotiate::Stage;

/// SPN-19.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-19",
    name: "spn-owned-by-other-product",
    title: "Another product on the machine owns HTTP/<server>",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The setup of another product (Reporting Services, SharePoint, SQL Server, WinRM tooling, …) registered HTTP/<server> on its own service account. An HTTP registration wins over HOST/<server>, so every HTTP service of the machine gets tickets for that account, IIS sites under the server's name among them. They cannot open them: KRB_AP_ERR_MODIFIED, a prompt, 401.1.",
        evidence: &[
            "setspn -Q HTTP/<server>: the product's account",
            "setspn -L <that account>: SPNs of the product beside it (MSSQLSvc, ReportServer, WSMAN, …)",
            "System log of a client: Kerberos event 4 for HTTP/<server>",
            "WinRM error 0x80090322 against the same server",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-04",
                told_apart_by: "there the account belongs to an IIS application, and holds no SPNs of another product",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there the name is the application's own, not the server's",
            },
        ],
        ruled_out_by: "no HTTP registration for the server's name, or one on the computer account.",
        fix: &[
            "Give the product a host name of its own: a host record, and HTTP/<that name> on its account.",
            "Point its users to that name.",
            "Then remove HTTP/<server> from its account: the computer's HOST SPN covers the name again.",
        ],
        verify: "klist get HTTP/<server>, then 4769 names <SERVER>$; the product, WinRM (Test-WSMan) and the IIS sites all work.",
        rollback: "Put HTTP/<server> back on the product's account.",
        prevent: "One host name per product; never the server's.",
        blind_spots: &[
            "which of the machine's services users reach under the server's name",
            "products that leave no other SPN on their account",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: WinRM and HTTP SPNs on service accounts (error 0x80090322)",
            "Microsoft: servicePrincipalName and the HOST alias (sPNMappings)",
        ],
    },
    assess,
};

/// Service classes that name a product, lower case. RestrictedKrbHost and the like belong to every computer.
const CLASSES: &[(&str, &str)] = &[
    ("mssqlsvc", "SQL Server"),
    ("msolapsvc.3", "SQL Server Analysis Services"),
    ("msolapdisco.3", "SQL Server Analysis Services"),
    ("reportserver", "Reporting Services"),
    ("wsman", "WinRM"),
    ("exchangehttp", "Exchange"),
    ("exchangemdb", "Exchange"),
    ("msomsdksvc", "System Center Operations Manager"),
    ("msomhsvc", "System Center Operations Manager"),
    ("msservicelocator", "SharePoint"),
    ("sp", "SharePoint"),
];

/// Parts of account names that products are given, lower case.
const NAMES: &[(&str, &str)] = &[
    ("ssrs", "Reporting Services"),
    ("reportserver", "Reporting Services"),
    ("mssql", "SQL Server"),
    ("sharepoint", "SharePoint"),
    ("spfarm", "SharePoint"),
    ("sp_farm", "SharePoint"),
    ("adfs", "AD FS"),
    ("dynamics", "Dynamics"),
    ("winrm", "WinRM"),
    ("wsus", "WSUS"),
    ("exchange", "Exchange"),
];

/// The product that an account belongs to, with the registrations that show it; none when only its name does.
pub(crate) struct Product {
    /// Its name.
    pub name: &'static str,
    /// Registrations of the product on the same account.
    pub from: Vec<Citation>,
}

/// The product that an account belongs to, by its other SPNs, or by its name where no pool of the bundle runs as it.
pub(crate) fn product_of(case: &Case, account: AccountId) -> Option<Product> {
    let of_account = case.situation.directory.of_account(account, &case.accounts);
    let mut shown: Vec<(&'static str, Citation)> = of_account
        .filter_map(|r| {
            let class = r.spn.class().to_lowercase();
            let (_, name) = CLASSES.iter().find(|(c, _)| *c == class)?;
            Some((*name, r.from.clone()))
        })
        .collect();
    shown.sort();
    if let Some((name, _)) = shown.first() {
        let name = *name;
        return Some(Product {
            name,
            from: shown.into_iter().map(|(_, from)| from).collect(),
        });
    }
    if shadow::runs_a_pool(case, account) {
        return None;
    }
    let sam = case.accounts.get(account).bare_name().to_lowercase();
    let (_, name) = NAMES.iter().find(|(part, _)| sam.contains(part))?;
    Some(Product {
        name,
        from: Vec::new(),
    })
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for shadow in shadow::shadows(scene) {
        let Some(product) = product_of(scene.case, shadow.holder) else {
            continue;
        };
        let holder = scene.shown(shadow.holder);
        let mut finding = shadow.finding(
            scene,
            format!(
                "{holder} is the account of another product ({}) and holds {}, the server's own name.",
                product.name,
                shadow.names()
            ),
        );
        if product.from.is_empty() {
            // Only the account's name speaks for the product.
            finding = finding.at_most(Status::Likely);
        } else {
            finding = finding.supporting(
                format!("{holder} holds SPNs of {} as well", product.name),
                &few(product.from, 3),
            );
        }
        out.find(shadow.repair(scene, finding, CAUSE.page.prevent));
    }
    shadow::rule_out(scene, &mut out);
    out
}
