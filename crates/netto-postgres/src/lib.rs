//! PostgreSQL's protocol, as much of it as netto needs: a query is read from a database, and tables are written into one.
//!
//! ```text
//! server.rs    where the server is, and where the password is kept
//! session.rs   start → password → statements, COPY … TO STDOUT, COPY … FROM STDIN
//! scram.rs     how a password is proven without being sent
//! ```
//! Without TLS: a local socket, a private network or a tunnel.

mod scram;
mod server;
mod session;

pub use server::Server;
pub use session::{Column, Session, Stop};
