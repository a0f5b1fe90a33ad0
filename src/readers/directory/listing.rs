//! An object as a command lists it, before its attributes are understood: the same for every form of output.

use super::asked::Asked;
use crate::evidence::{ArtifactId, Citation, Cited};
use crate::readers::console::Line;

/// Longest text of a citation, in characters.
const LONGEST: usize = 400;

/// The lines of a section, and what its command asked for.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) artifact: ArtifactId,
    pub(super) lines: &'a [Line<'a>],
    pub(super) asked: Option<&'a Asked>,
}

/// What an attribute without a value says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blank {
    /// The object has none.
    None,
    /// Only of attributes of these names: PowerShell shows a blank for what it did not fetch, too.
    NoneOf(Vec<String>),
    /// Nothing.
    Unsure,
}

/// An attribute with its values as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    /// Its name in lower case.
    pub(super) name: String,
    /// Its values.
    pub(super) values: Vec<Cited<String>>,
    /// There are more.
    pub(super) cut: bool,
    /// Where it stands.
    pub(super) from: Citation,
}

/// An object as listed.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    /// The attributes that are understood, in the order shown.
    pub(super) attributes: Vec<Attribute>,
    /// What an attribute without a value says.
    pub(super) blank: Blank,
    /// Which of the attributes stand there that every object has, but that nobody asks for by name.
    signs: u8,
    /// The listing was seen to its end.
    pub(super) ended: bool,
}

/// Attributes that name an object, in lower case.
const NAMES: [&str; 3] = ["dn", "distinguishedname", "samaccountname"];

/// Attributes that are understood, in lower case. No other is kept: a dump of all attributes holds passwords.
const UNDERSTOOD: [&str; 55] = [
    "dn",
    "distinguishedname",
    "samaccountname",
    "objectclass",
    "userprincipalname",
    "dnshostname",
    "objectsid",
    "sid",
    "serviceprincipalname",
    "useraccountcontrol",
    "msds-user-account-control-computed",
    "enabled",
    "lockedout",
    "lockouttime",
    "accountlockouttime",
    "passwordexpired",
    "passwordlastset",
    "pwdlastset",
    "passwordneverexpires",
    "accountexpirationdate",
    "accountexpires",
    "smartcardlogonrequired",
    "trustedfordelegation",
    "trustedtoauthfordelegation",
    "accountnotdelegated",
    "doesnotrequirepreauth",
    "usedeskeyonly",
    "msds-supportedencryptiontypes",
    "kerberosencryptiontype",
    "msds-keyversionnumber",
    "msds-allowedtodelegateto",
    "principalsallowedtodelegatetoaccount",
    "principalsallowedtoretrievemanagedpassword",
    "memberof",
    "whenchanged",
    "modified",
    "name",
    "objectguid",
    "objectcategory",
    "primarygroup",
    "direction",
    "source",
    "target",
    "flatname",
    "foresttransitive",
    "intraforest",
    "selectiveauthentication",
    "sidfilteringforestaware",
    "sidfilteringquarantined",
    "tgtdelegation",
    "trustattributes",
    "trustdirection",
    "trustpartner",
    "trusttype",
    "spnmappings",
];

/// Names in lower case, the one of the directory where PowerShell has another for the same.
pub(super) fn canonical(name: &str) -> String {
    let lower = name.trim().to_ascii_lowercase();
    match lower.as_str() {
        "serviceprincipalnames" => "serviceprincipalname".to_owned(),
        _ => lower,
    }
}

/// Whether an attribute has many values, joined by a sign in the forms that have one line an attribute.
pub(super) fn has_many(name: &str) -> bool {
    matches!(
        name,
        "serviceprincipalname"
            | "objectclass"
            | "msds-allowedtodelegateto"
            | "principalsallowedtodelegatetoaccount"
            | "principalsallowedtoretrievemanagedpassword"
            | "memberof"
            | "kerberosencryptiontype"
    )
}

impl Listing {
    /// An object of which nothing is known yet.
    pub(super) fn new(blank: Blank) -> Self {
        Self {
            attributes: Vec::new(),
            blank,
            signs: 0,
            ended: false,
        }
    }

    /// Where the object stands: the attribute that names it.
    pub(super) fn from(&self) -> Option<&Citation> {
        let named = NAMES.iter().find_map(|name| self.get(name));
        named.map(|attribute| &attribute.from)
    }

    /// Adds a value of an attribute, or that it has none. Attributes that are not understood leave no trace.
    pub(super) fn push(
        &mut self,
        page: &Page<'_>,
        line: &Line<'_>,
        name: &str,
        value: Option<&str>,
    ) {
        let lower = canonical(name);
        self.signs |= match lower.as_str() {
            "instancetype" => 1,
            "objectcategory" => 2,
            "whenchanged" => 4,
            "usnchanged" => 8,
            "objectguid" | "objectsid" | "sid" => 16,
            _ => 0,
        };
        if !UNDERSTOOD.contains(&lower.as_str()) {
            return;
        }
        let value = value.map(str::trim).filter(|value| !value.is_empty());
        let from = cite(
            page,
            line,
            &format!("{name}: {}", value.unwrap_or("(empty)")),
        );
        let value = value.map(|value| Cited::new(value.to_owned(), from.clone()));
        match self.attributes.iter_mut().find(|a| a.name == lower) {
            Some(attribute) => attribute.values.extend(value),
            None => self.attributes.push(Attribute {
                name: lower,
                values: value.into_iter().collect(),
                cut: false,
                from,
            }),
        }
    }

    /// Marks an attribute as having more values than are shown.
    pub(super) fn mark_cut(&mut self, name: &str) {
        let name = canonical(name);
        if let Some(attribute) = self.attributes.iter_mut().find(|a| a.name == name) {
            attribute.cut = true;
        }
    }

    /// The attribute of a name in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }

    /// The only value of an attribute.
    pub(super) fn one(&self, name: &str) -> Option<&Cited<String>> {
        self.get(name).filter(|a| !a.cut)?.values.first()
    }

    /// Whether all attributes that the object has are shown: those that every object has and nobody asks for are.
    pub(super) fn is_whole(&self) -> bool {
        self.signs == 31 && self.ended
    }

    /// Whether the object does not have an attribute.
    pub(super) fn lacks(&self, name: &str) -> Option<Citation> {
        match self.get(name) {
            Some(attribute) if !attribute.values.is_empty() || attribute.cut => None,
            Some(attribute) => match &self.blank {
                Blank::None => Some(attribute.from.clone()),
                Blank::NoneOf(names) if names.iter().any(|n| n == name || n == "*") => {
                    Some(attribute.from.clone())
                }
                _ => None,
            },
            None => self.from().filter(|_| self.is_whole()).cloned(),
        }
    }
}

fn cite(page: &Page<'_>, line: &Line<'_>, shown: &str) -> Citation {
    let text: String = shown.chars().take(LONGEST).collect();
    Citation::line(page.artifact, line.number, &text)
}
