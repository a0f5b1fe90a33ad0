//! Console text: which command each stretch of a file is the output of.
/// Records.
#[derive(Clone, Debug, Default)]
pub struct ConsoleRecords {
    /// setspn.
    pub setspn: Vec<super::setspn::SetspnRun>,
    /// klist.
    pub klist: Vec<super::klist::KlistRun>,
    /// DNS.
    pub lookups: Vec<super::nslookup::NameLookup>,
    /// Others.
    pub other_commands: Vec<crate::evidence::Cited<String>>,
}

/// stub
pub fn read(
    artifact: crate::evidence::ArtifactId,
    _text: &crate::bundle::text::Text,
) -> super::Reading<ConsoleRecords> {
    super::Reading {
        artifact,
        records: ConsoleRecords::default(),
        count: 0,
        problems: Vec::new(),
    }
}
