//! The part of PostgreSQL's protocol that netto needs: it reads a query from a database and writes tables into one.
//!
//! ```text
//! server.rs    where the server is, and where the password is kept
//! session.rs   start → password → statements, COPY … TO STDOUT, COPY … FROM STDIN
//! scram.rs     how a password is proven without being sent
//! ```
//! There is no TLS support, so use a local socket, a private network or a tunnel.

mod scram;
mod server;
mod session;

pub use server::Server;
pub use session::{Column, Session, Stop};
