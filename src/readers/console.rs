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
