//! IIS configuration: the files as trees with positions, and the *effective* settings of every site, application and
//! path, each with the line that set it or "schema default".

mod model;

pub use model::{
    AnonymousAuth, Application, AuthorizationRule, Binding, EffectiveSettings, ExtendedProtection,
    IdentityType, LockViolation, Origin, Pool, ServerConfig, Setting, Site, TokenChecking,
    VirtualDirectory, WindowsAuth,
};
