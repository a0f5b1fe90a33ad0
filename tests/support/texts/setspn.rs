//! setspn's output (`formats.md` 1.1 and 1.2).

use std::fmt::Write as _;

use super::Language;
use crate::support::directory::{Account, Domain, Host, Role};

/// An account and the SPNs printed below it.
pub type Registered<'a> = (&'a Account, Vec<String>);

fn unknown(language: Language, what: &str) -> ! {
    panic!("the {language:?} wording of setspn's {what} was never seen: use another language")
}

fn block(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "\t{line}");
        text
    })
}

/// `Checking domain DC=corp,DC=example`, in each language where it was seen.
pub fn checking(language: Language, domain: &Domain) -> String {
    let context = domain.naming_context();
    match language {
        Language::English => format!("Checking domain {context}\n"),
        Language::French => format!("Vérification du domaine {context}\n"),
        Language::German => format!("Die Domäne \"{context}\" wird überprüft.\n"),
        Language::Spanish => format!("Comprobando el dominio {context}\n"),
        Language::Russian => format!("Проверка домена {context}\n"),
        Language::Chinese => format!("正在检查域 {context}\n"),
        Language::Japanese => format!("ドメイン {context} を確認しています\n"),
    }
}

/// `setspn -L account`. No SPNs: the header alone.
pub fn list(language: Language, account: &Account, spns: &[String]) -> String {
    let header = match language {
        Language::English => "Registered ServicePrincipalNames for",
        Language::French => "Noms ServicePrincipalName inscrits pour",
        other => unknown(other, "-L header"),
    };
    format!("{header} {}:\n{}", account.dn(), block(spns))
}

/// `setspn -L account` of an account that is not there.
pub fn list_not_found(name: &str) -> String {
    format!(
        "FindDomainForAccount: Call to DsGetDcNameWithAccountW failed with return value 0x00000525\n\
         Could not find account {name}\n"
    )
}

/// `setspn -Q spn`: each holder with all of its SPNs, or none.
pub fn query(language: Language, domain: &Domain, holders: &[Registered<'_>]) -> String {
    query_in(checking(language, domain), language, holders)
}

/// `setspn -F -Q spn`: the whole forest.
pub fn query_forest(domain: &Domain, holders: &[Registered<'_>]) -> String {
    let check = format!("Checking forest {}\n", domain.naming_context());
    query_in(check, Language::English, holders)
}

fn query_in(check: String, language: Language, holders: &[Registered<'_>]) -> String {
    let mut text = check;
    for (account, spns) in holders {
        let _ = write!(text, "{}\n{}", account.dn(), block(spns));
    }
    let end = match (language, holders.is_empty()) {
        (Language::English, false) => "Existing SPN found!",
        (Language::English, true) => "No such SPN found.",
        (Language::Chinese, false) => "发现存在 SPN!",
        (Language::Japanese, false) => "既存の SPN が見つかりました",
        (Language::Russian, true) => "Такое SPN не найдено.",
        (other, _) => unknown(other, "-Q ending"),
    };
    let _ = write!(text, "\n{end}\n");
    text
}

/// `setspn -X` (or `-F -X`): groups of SPN and the accounts that hold it.
pub fn duplicates(
    language: Language,
    domain: &Domain,
    forest: bool,
    groups: &[(String, Vec<&Account>)],
) -> String {
    let mut text = match (language, forest) {
        (Language::English, true) => format!(
            "Checking forest {}\nOperation will be performed forestwide, it might take a while.\n",
            domain.naming_context()
        ),
        (other, true) => unknown(other, "-F -X heading"),
        (language, false) => checking(language, domain),
    };
    let progress = match language {
        Language::English => "Processing entry 0",
        Language::French => "Traitement de l'entrée 0",
        other => unknown(other, "-X progress"),
    };
    let _ = writeln!(text, "{progress}");
    for (spn, accounts) in groups {
        if language != Language::English {
            unknown(language, "-X group");
        }
        let _ = writeln!(text, "{spn} is registered on these accounts:");
        let dns: Vec<_> = accounts.iter().map(|account| account.dn()).collect();
        let _ = writeln!(text, "{}", block(&dns));
    }
    let count = groups.len();
    let plural = if count > 1 { "s" } else { "" };
    let _ = match language {
        Language::French => write!(text, "\n{count} groupe de SPN en double détectés.\n"),
        _ => write!(text, "\nfound {count} group{plural} of duplicate SPNs.\n"),
    };
    text
}

/// `setspn -S spn account` that succeeded.
pub fn added(language: Language, account: &Account, spn: &str) -> String {
    let dn = account.dn();
    let (header, done) = match language {
        Language::English => (
            format!("Registering ServicePrincipalNames for {dn}"),
            "Updated object",
        ),
        Language::German => (
            format!("Dienstprinzipalnamen (SPN) für {dn} werden registriert."),
            "Aktualisiertes Objekt",
        ),
        Language::Chinese => (format!("为 {dn} 注册 ServicePrincipalNames"), "更新的对象"),
        other => unknown(other, "-S header"),
    };
    format!(
        "{}\n{header}\n\t{spn}\n{done}\n",
        checking(language, &account.domain)
    )
}

/// `setspn -S spn account` refused: `holder` has it already.
pub fn refused(holder: &Account, spns: &[String]) -> String {
    let check = checking(Language::English, &holder.domain);
    format!(
        "{check}{}\n{}\nDuplicate SPN found, aborting operation!\n",
        holder.dn(),
        block(spns)
    )
}

/// `setspn -D spn account`.
pub fn removed(account: &Account, spn: &str) -> String {
    format!(
        "Unregistering ServicePrincipalNames for {}\n\t{spn}\nUpdated object\n",
        account.dn()
    )
}

/// The SPNs that a member server registers for itself.
pub fn machine_spns(host: &Host) -> Vec<String> {
    let (short, long) = (&host.name, host.dns_name());
    let classes: &[&str] = if host.role == Role::DomainController {
        &["HOST", "RestrictedKrbHost", "ldap", "GC", "DNS"]
    } else {
        &["WSMAN", "TERMSRV", "RestrictedKrbHost", "HOST"]
    };
    classes
        .iter()
        .flat_map(|class| [format!("{class}/{short}"), format!("{class}/{long}")])
        .collect()
}
