//! A session with a server, in version 3.0 of PostgreSQL's protocol.
//!
//! ```text
//! start → password → describe the query → COPY (query) TO STDOUT → rows
//! start → password → begin; create table …; COPY … FROM STDIN ← rows; commit
//! ```

use std::io::{BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::Server;
use crate::scram::{self, Scram};

/// A session.
pub struct Session {
    stream: BufReader<Box<dyn Stream>>,
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// A column of a query's result.
pub struct Column {
    /// Its name.
    pub name: String,
    /// The OID of its type.
    pub kind: u32,
}

/// The error that ended a session.
#[derive(Debug)]
pub struct Stop {
    /// What went wrong, in the server's words if it sent any.
    pub message: String,
    /// What to do next.
    pub help: String,
    /// The server's error code; empty if it sent none.
    pub code: String,
}

/// A message of the server: its type and its content.
type Message = (u8, Vec<u8>);

/// Maximum size of a message, as a database value has at most a gigabyte.
const LARGEST: usize = 1 << 30;
/// Timeout for connecting to a server.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of rows per message.
const CHUNK: usize = 1 << 18;

impl Session {
    /// Connects and authenticates a read-only session.
    ///
    /// # Errors
    /// A server that can't be reached, or doesn't let the user in.
    pub fn reading(server: &Server, password: Option<&str>) -> Result<Self, Stop> {
        Self::open(server, password, &[("default_transaction_read_only", "on")])
    }

    /// Connects and authenticates a session that may write.
    ///
    /// # Errors
    /// A server that can't be reached, or doesn't let the user in.
    pub fn writing(server: &Server, password: Option<&str>) -> Result<Self, Stop> {
        Self::open(server, password, &[])
    }

    fn open(config: &Server, password: Option<&str>, more: &[(&str, &str)]) -> Result<Self, Stop> {
        let stream = stream(config).map_err(|error| {
            let help =
                "is the server running, and can this machine reach it? host = \"/var/run/postgresql\" is a local socket";
            Stop::new(format!("{} can't be reached: {error}", config.place()), help)
        })?;
        let mut connection = Self { stream: BufReader::with_capacity(1 << 16, stream) };
        let settings = [
            ("user", config.user.as_str()),
            ("database", config.database()),
            ("application_name", "netto"),
            ("client_encoding", "UTF8"),
            ("DateStyle", "ISO"),
        ];
        let mut body = 196_608_i32.to_be_bytes().to_vec();
        for (name, value) in settings.iter().chain(more) {
            body.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
        }
        body.push(0);
        connection.send(None, &body)?;
        connection.prove(config, password)?;
        connection.until_ready()?;
        Ok(connection)
    }

    fn prove(&mut self, config: &Server, password: Option<&str>) -> Result<(), Stop> {
        let needed = || {
            let help = "password_env = \"PGPASSWORD\" names the environment variable that holds it; password_file = \"…\" a file";
            password.ok_or_else(|| Stop::new(format!("{} asks for a password", config.place()), help))
        };
        let mut scram = None;
        loop {
            let (tag, body) = self.receive()?;
            if tag != b'R' {
                return Err(Stop::unexpected(tag));
            }
            let (kind, rest) = (number(&body, 0)?, body.get(4..).unwrap_or_default());
            match kind {
                0 => return Ok(()),
                3 => self.send(Some(b'p'), &text(needed()?))?,
                5 => self.send(Some(b'p'), &text(&scram::md5_of(&config.user, needed()?, rest)))?,
                10 => {
                    if !rest.split(|byte| *byte == 0).any(|name| name == b"SCRAM-SHA-256") {
                        return Err(Stop::fault("it supports no password method that netto knows"));
                    }
                    let begun = Scram::new(nonce()?, needed()?);
                    let first = begun.first();
                    let length = u32::try_from(first.len()).unwrap_or_default().to_be_bytes();
                    self.send(Some(b'p'), &[&b"SCRAM-SHA-256\0"[..], &length, first.as_bytes()].concat())?;
                    scram = Some(begun);
                }
                11 => {
                    let server = String::from_utf8_lossy(rest);
                    let proof = scram.as_mut().and_then(|scram: &mut Scram| scram.proof(&server));
                    self.send(
                        Some(b'p'),
                        proof.ok_or_else(|| Stop::fault("its answer is not a valid proof"))?.as_bytes(),
                    )?;
                }
                12 => {
                    let server = String::from_utf8_lossy(rest);
                    if !scram.as_ref().is_some_and(|scram| scram.is_answered_by(&server)) {
                        return Err(Stop::fault(
                            "it doesn't know the password itself, so it isn't the server that it claims to be",
                        ));
                    }
                }
                _ => return Err(Stop::fault("it uses an authentication method that netto doesn't support")),
            }
        }
    }

    /// The result columns of a query, which must be a single statement.
    ///
    /// # Errors
    /// A query that returns no rows, or that the server rejects.
    pub fn describe(&mut self, query: &str) -> Result<Vec<Column>, Stop> {
        self.send(Some(b'P'), &[&b"\0"[..], &text(query), &[0, 0]].concat())?;
        self.send(Some(b'D'), b"S\0")?;
        self.send(Some(b'S'), &[])?;
        let mut columns = None;
        loop {
            match self.receive()? {
                (b'T', body) => columns = Some(described(&body)?),
                (b'Z', _) => break,
                (b'1' | b't' | b'n', _) => {}
                (tag, _) => return Err(Stop::unexpected(tag)),
            }
        }
        columns.ok_or_else(|| Stop::new("the query returns no rows", "write one SELECT"))
    }

    /// Streams the rows of a query.
    ///
    /// # Errors
    /// Errors of the server and of `take`.
    pub fn copy(&mut self, query: &str, take: &mut dyn FnMut(&[u8]) -> Result<(), Stop>) -> Result<(), Stop> {
        self.send(Some(b'Q'), &text(&format!("COPY ({query}\n) TO STDOUT")))?;
        loop {
            match self.receive()? {
                (b'd', data) => take(&data)?,
                (b'Z', _) => return Ok(()),
                (b'H' | b'c' | b'C', _) => {}
                (tag, _) => return Err(Stop::unexpected(tag)),
            }
        }
    }

    /// Runs statements and returns the first column of their rows as text, empty for null. An error of the server doesn't end the session.
    ///
    /// # Errors
    /// Errors of the server, and a lost connection.
    pub fn run(&mut self, statements: &str) -> Result<Vec<String>, Stop> {
        self.send(Some(b'Q'), &text(statements))?;
        let mut first = Vec::new();
        loop {
            let message = self.receive();
            if message.as_ref().is_err_and(|stop| !stop.code.is_empty()) {
                drop(self.until_ready());
            }
            match message? {
                (b'D', row) => first.push(first_field(&row)?),
                (b'Z', _) => return Ok(first),
                (b'T' | b'C' | b'I', _) => {}
                (tag, _) => return Err(Stop::unexpected(tag)),
            }
        }
    }

    /// Streams rows into a table: `statement` is `COPY … FROM STDIN`, and each piece has some bytes of its rows.
    ///
    /// # Errors
    /// Errors of the server, a lost connection, and errors while making a piece.
    pub fn fill<E: From<Stop>>(
        &mut self,
        statement: &str,
        pieces: impl IntoIterator<Item = Result<Vec<u8>, E>>,
    ) -> Result<(), E> {
        self.send(Some(b'Q'), &text(statement))?;
        match self.receive()? {
            (b'G', _) => {}
            (tag, _) => return Err(Stop::unexpected(tag).into()),
        }
        for piece in pieces {
            for chunk in piece?.chunks(CHUNK) {
                self.send(Some(b'd'), chunk)?;
            }
        }
        self.send(Some(b'c'), &[])?;
        loop {
            match self.receive()? {
                (b'C', _) => {}
                (b'Z', _) => return Ok(()),
                (tag, _) => return Err(Stop::unexpected(tag).into()),
            }
        }
    }

    fn until_ready(&mut self) -> Result<(), Stop> {
        loop {
            match self.receive()?.0 {
                b'Z' => return Ok(()),
                b'K' => {}
                tag => return Err(Stop::unexpected(tag)),
            }
        }
    }

    fn send(&mut self, tag: Option<u8>, body: &[u8]) -> Result<(), Stop> {
        let length = u32::try_from(body.len() + 4).map_err(|_| Stop::fault("the query is too long"))?;
        let message = [tag.as_slice(), &length.to_be_bytes(), body].concat();
        let stream = self.stream.get_mut();
        let Err(lost) = stream.write_all(&message).and_then(|()| stream.flush()) else { return Ok(()) };
        // A server that ends a session sends the reason first, so that is read before the connection counts as lost.
        Err(self.receive().err().filter(|stop| !stop.code.is_empty()).unwrap_or_else(|| Stop::lost(lost)))
    }

    /// The next relevant message; an error of the server ends the session.
    fn receive(&mut self) -> Result<Message, Stop> {
        loop {
            let mut head = [0_u8; 5];
            self.stream.read_exact(&mut head).map_err(Stop::lost)?;
            let [tag, length @ ..] = head;
            let length = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
            let length =
                length.filter(|length| *length <= LARGEST).ok_or_else(|| Stop::fault("a message has no length"))?;
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).map_err(Stop::lost)?;
            match tag {
                b'E' => return Err(Stop::of_server(&body)),
                // Skips notices, parameter settings and notifications.
                b'N' | b'S' | b'A' => {}
                _ => return Ok((tag, body)),
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // If this fails, the server ends the session when the stream closes.
        let stream = self.stream.get_mut();
        drop(stream.write_all(b"X\0\0\0\x04").and_then(|()| stream.flush()));
    }
}

fn stream(config: &Server) -> std::io::Result<Box<dyn Stream>> {
    #[cfg(unix)]
    if config.host.starts_with('/') {
        return Ok(Box::new(UnixStream::connect(format!("{}/.s.PGSQL.{}", config.host, config.port))?));
    }
    let mut last = std::io::Error::other("its name can't be resolved");
    for address in (config.host.as_str(), config.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(Box::new(stream));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Eighteen random bytes as text.
fn nonce() -> Result<String, Stop> {
    let mut bytes = [0_u8; 18];
    getrandom::fill(&mut bytes).map_err(|error| Stop::fault(&format!("no random numbers: {error}")))?;
    Ok(BASE64_STANDARD.encode(bytes))
}

fn text(text: &str) -> Vec<u8> {
    [text.as_bytes(), b"\0"].concat()
}

fn number(bytes: &[u8], at: usize) -> Result<u32, Stop> {
    let four =
        bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or_else(|| Stop::fault("a message ends too early"))?;
    Ok(u32::from_be_bytes(*four))
}

/// The first field of a row; empty for null.
fn first_field(row: &[u8]) -> Result<String, Stop> {
    let length = number(row, 2)?;
    let field = usize::try_from(length).ok().and_then(|length| row.get(6..6 + length)).unwrap_or_default();
    Ok(String::from_utf8_lossy(field).into_owned())
}

/// Parses each column's name, table, column, type, size, modifier and format.
fn described(body: &[u8]) -> Result<Vec<Column>, Stop> {
    let early = || Stop::fault("a message ends too early");
    let (mut columns, mut at) = (Vec::new(), 2);
    while at < body.len() {
        let end = body.iter().skip(at).position(|byte| *byte == 0).ok_or_else(early)?;
        let name = String::from_utf8_lossy(body.get(at..at + end).ok_or_else(early)?).into_owned();
        columns.push(Column { name, kind: number(body, at + end + 7)? });
        at += end + 19;
    }
    Ok(columns)
}

impl Stop {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), code: String::new() }
    }

    /// The error for a server that violates the protocol.
    #[must_use]
    pub fn fault(what: &str) -> Self {
        Self::new(what, "is the server there a PostgreSQL server?")
    }

    fn unexpected(tag: u8) -> Self {
        Self::fault(&format!("it answers with the unexpected message `{}`", char::from(tag).escape_default()))
    }

    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands on")]
    fn lost(error: std::io::Error) -> Self {
        let why = match error.kind() {
            std::io::ErrorKind::UnexpectedEof => "the other side closed the connection".to_owned(),
            _ => error.to_string(),
        };
        Self::new(
            format!("the connection was lost: {why}"),
            "run it again; netto connects without TLS, which a server may refuse",
        )
    }

    /// The error from the server's fields: message, detail, hint, code.
    fn of_server(body: &[u8]) -> Self {
        let part = |letter: u8| {
            let part = body.split(|byte| *byte == 0).find(|part| part.first() == Some(&letter))?;
            Some(String::from_utf8_lossy(part.get(1..)?).into_owned())
        };
        let message = part(b'M').unwrap_or_else(|| "an error without a message".to_owned());
        let detail = part(b'D').map(|detail| format!(": {detail}")).unwrap_or_default();
        let place = part(b'P').map(|place| format!(" (at character {place} of the query)")).unwrap_or_default();
        let code = part(b'C').unwrap_or_default();
        let help = match code.as_str() {
            "28P01" | "28000" => "check user, password and pg_hba.conf of the server; netto connects without TLS",
            "3D000" => "set it with database = \"…\"",
            "25006" => "the session is read-only: write one SELECT",
            "42501" => "give the role that right: grant select on … to read, grant create on database … to publish",
            code if code.starts_with("57P") => "the server or the session was stopped: run it again",
            _ => "try the query in psql",
        };
        let help = part(b'H').unwrap_or_else(|| help.to_owned());
        Self { code, ..Self::new(format!("{message}{detail}{place}"), help) }
    }
}
