//! A site with its bindings and applications.

use std::fmt::Write as _;

use super::{escaped, indented};

#[derive(Clone, Debug)]
struct Application {
    path: String,
    pool: Option<String>,
    physical_path: String,
}

/// A site.
#[derive(Clone, Debug)]
pub struct Site {
    pub(super) name: String,
    id: Option<u32>,
    bindings: Vec<(String, String, u32)>,
    applications: Vec<Application>,
    auto_start: bool,
}

impl Site {
    /// A site with a root application below `D:\Sites`, and no bindings yet.
    pub fn new(name: &str) -> Self {
        let root = Application {
            path: "/".into(),
            pool: None,
            physical_path: format!(r"D:\Sites\{}", name.replace(' ', "")),
        };
        Self {
            name: name.into(),
            id: None,
            bindings: vec![],
            applications: vec![root],
            auto_start: true,
        }
    }

    /// Its id, where it is not the number of its place.
    pub fn id(mut self, id: u32) -> Self {
        self.id = Some(id);
        self
    }

    /// `http` on a port, with a host header (empty for any name).
    pub fn http(self, port: u16, host: &str) -> Self {
        self.binding("http", &format!("*:{port}:{host}"), 0)
    }

    /// `https` on port 443, with a host header (and SNI) or empty for any name.
    pub fn https(self, host: &str) -> Self {
        let sni = u32::from(!host.is_empty());
        self.binding("https", &format!("*:443:{host}"), sni)
    }

    /// Any binding, as written.
    pub fn binding(mut self, protocol: &str, information: &str, ssl_flags: u32) -> Self {
        self.bindings
            .push((protocol.into(), information.into(), ssl_flags));
        self
    }

    /// The pool of the root application; without one the default of all sites is in force.
    pub fn pool(mut self, pool: &str) -> Self {
        if let Some(root) = self.applications.first_mut() {
            root.pool = Some(pool.to_owned());
        }
        self
    }

    /// The folder of the root application.
    pub fn physical_path(mut self, path: &str) -> Self {
        if let Some(root) = self.applications.first_mut() {
            root.physical_path = path.to_owned();
        }
        self
    }

    /// Another application of the site.
    pub fn application(mut self, path: &str, pool: &str) -> Self {
        let root = self
            .applications
            .first()
            .map_or(String::new(), |root| root.physical_path.clone());
        self.applications.push(Application {
            path: path.into(),
            pool: Some(pool.into()),
            physical_path: format!("{root}{}", path.replace('/', "\\")),
        });
        self
    }

    /// `serverAutoStart="false"`.
    pub fn stopped(mut self) -> Self {
        self.auto_start = false;
        self
    }

    pub(super) fn xml(&self, place: usize) -> String {
        let id = self
            .id
            .map_or_else(|| place.to_string(), |id| id.to_string());
        let auto_start = if self.auto_start {
            ""
        } else {
            " serverAutoStart=\"false\""
        };
        let mut inner = String::new();
        for application in &self.applications {
            let pool = application.pool.as_ref().map_or(String::new(), |pool| {
                format!(" applicationPool=\"{}\"", escaped(pool))
            });
            let _ = write!(
                inner,
                "<application path=\"{}\"{pool}>\n    <virtualDirectory path=\"/\" physicalPath=\"{}\" />\n</application>\n",
                escaped(&application.path),
                escaped(&application.physical_path),
            );
        }
        inner += "<bindings>\n";
        for (protocol, information, ssl_flags) in &self.bindings {
            let ssl = if protocol == "https" {
                format!(" sslFlags=\"{ssl_flags}\"")
            } else {
                String::new()
            };
            let _ = writeln!(
                inner,
                "    <binding protocol=\"{protocol}\" bindingInformation=\"{}\"{ssl} />",
                escaped(information)
            );
        }
        inner += "</bindings>\n";
        format!(
            "<site name=\"{}\" id=\"{id}\"{auto_start}>\n{}</site>\n",
            escaped(&self.name),
            indented(&inner, 1)
        )
    }
}
