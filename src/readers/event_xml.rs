//! Events exported as XML.
