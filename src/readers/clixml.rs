//! Objects that PowerShell exported (`Export-Clixml`): a tree of names and values, whatever they are about.
