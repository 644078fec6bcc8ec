//! The address of a server and the place of its password, which is never in `netto.toml`.
//!
//! ```toml
//! host = "bi.example.com"
//! database = "bi"
//! user = "netto"
//! password_env = "BI_PASSWORD"
//! ```

use std::path::{Path, PathBuf};

use netto_model::Problem;

/// A server and its login.
#[derive(Clone, Debug)]
pub struct Server {
    /// The host name, or the folder of a local socket.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database; by default the one with the user's name.
    pub database: Option<String>,
    /// The user.
    pub user: String,
    /// The environment variable with the password.
    pub password_env: Option<String>,
    /// The file with the password, as an alternative.
    pub password_file: Option<PathBuf>,
}

impl Server {
    /// `erp.example.com:5432/erp`
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}/{}", self.host, self.port, self.database())
    }

    pub(crate) fn database(&self) -> &str {
        self.database.as_deref().unwrap_or(&self.user)
    }

    /// The password, if one is configured; a relative file is resolved against `base`.
    ///
    /// # Errors
    /// Returns what is wrong with the variable or file.
    pub fn password(&self, base: &Path) -> Result<Option<String>, String> {
        if let Some(file) = &self.password_file {
            let path = base.join(file);
            let read = std::fs::read_to_string(&path);
            let text = read.map_err(|error| format!("the password file {} can't be read: {error}", path.display()))?;
            return Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        let name = self.password_env.as_deref().unwrap_or("PGPASSWORD");
        match std::env::var(name) {
            Ok(password) => Ok(Some(password)),
            Err(_) if self.password_env.is_none() => Ok(None),
            Err(_) => Err(format!("the environment variable `{name}`, which should hold the password, is not set")),
        }
    }

    /// Invalid settings, by name; `role` says which rights the user needs.
    #[must_use]
    pub fn check(&self, role: &str) -> Vec<Problem> {
        let at = |key: &str, message: &str, help: &str| Problem::at([key], message).with_help(help);
        let mut problems = Vec::new();
        if self.user.trim().is_empty() {
            problems.push(at("user", "`user` is not set", &format!("set user = \"netto\", a role that may {role}")));
        }
        if self.host.is_empty() || self.host.contains("://") || self.host.contains('=') {
            let help = "set user, database and port with their own keys, and the password in the environment or a file";
            problems.push(at("host", "`host` must be only the name of the server", help));
        }
        if self.password_env.is_some() && self.password_file.is_some() {
            problems.push(at("password_file", "`password_env` and `password_file` are both set", "keep one of them"));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_read_from_a_file_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "pass word \r\n").unwrap();
        let server = |file: Option<&str>, variable: Option<&str>| Server {
            host: "localhost".into(),
            port: 5432,
            database: None,
            user: "netto".into(),
            password_env: variable.map(str::to_owned),
            password_file: file.map(PathBuf::from),
        };
        assert_eq!(server(Some("secret"), None).password(folder.path()), Ok(Some("pass word ".to_owned())));
        assert!(server(Some("none"), None).password(folder.path()).unwrap_err().contains("can't be read"));
        let unset = server(None, Some("NETTO_TEST_UNSET"));
        assert!(unset.password(folder.path()).unwrap_err().contains("`NETTO_TEST_UNSET`"));
        assert_eq!(unset.place(), "localhost:5432/netto");
    }
}
