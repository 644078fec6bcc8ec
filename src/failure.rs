//! Turns errors into messages and exit codes: what was wrong, where, and what to do next.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, SourceSpan};
use netto_lake::LakeError;
use netto_profit::ProfitError;
use netto_publish::PublishError;
use netto_rollup::RollupError;
use netto_segment::SegmentError;
use serde_json::{Value, json};

use crate::storage::StorageError;
use crate::{log, output};

/// Why a verb stopped, and with which exit code (DESIGN section 7).
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    messages: Vec<Message>,
}

/// One error as it is shown.
#[derive(Debug)]
pub(crate) struct Message {
    text: String,
    help: Option<String>,
    place: Option<Place>,
    cause: Option<Cause>,
}

#[derive(Debug)]
struct Place {
    source: NamedSource<String>,
    span: SourceSpan,
}

/// The chain of causes, kept as text.
#[derive(Debug)]
struct Cause {
    text: String,
    next: Option<Box<Cause>>,
}

impl Failure {
    const FAILED: u8 = 1;
    const USAGE: u8 = 2;
    const DATA: u8 = 3;
    const LOCKED: u8 = 4;

    /// Something failed that the user didn't cause.
    pub(crate) fn failed(what: impl Into<String>, cause: &dyn Error) -> Self {
        let message = Message { text: what.into(), help: None, place: None, cause: Some(Cause::of(cause)) };
        Self { code: Self::FAILED, messages: vec![message] }
    }

    /// A fault of this program.
    pub(crate) fn fault(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code: Self::FAILED, ..Self::usage(what, help) }
    }

    /// The data are not sufficient to continue.
    pub(crate) fn no_data(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code: Self::FAILED, ..Self::usage(what, help) }
    }

    /// The command line or the configuration is wrong.
    pub(crate) fn usage(what: impl Into<String>, help: impl Into<String>) -> Self {
        let message = Message { text: what.into(), help: Some(help.into()), place: None, cause: None };
        Self { code: Self::USAGE, messages: vec![message] }
    }

    /// Errors in the configuration, each with its line.
    pub(crate) fn config(faults: Vec<Message>) -> Self {
        Self { code: Self::USAGE, messages: faults }
    }

    /// Configuration and data don't agree, and `--strict` was asked for.
    pub(crate) fn disagreement(faults: Vec<Message>) -> Self {
        Self { code: Self::DATA, messages: faults }
    }

    /// A run would publish nothing but empty tables.
    pub(crate) fn empty_window(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code: Self::DATA, ..Self::usage(what, help) }
    }

    fn of(code: u8, error: &dyn Error, help: Option<String>) -> Self {
        let text = error.to_string();
        // Most errors already include their cause.
        let cause = error.source().map(Cause::of).filter(|cause| !text.ends_with(&cause.text));
        Self { code, messages: vec![Message { text, help, place: None, cause }] }
    }

    /// Adds advice.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        if let Some(message) = self.messages.last_mut() {
            message.help = Some(help.into());
        }
        self
    }

    /// Shows the messages on standard error, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let code = self.code;
        // All messages were shown before.
        if self.messages.is_empty() {
            return ExitCode::from(code);
        }
        if output::messages_are_json() {
            let messages: Vec<Value> = self.messages.iter().map(Message::as_json).collect();
            output::message(
                &json!({ "error": { "code": code, "kind": kind(code), "messages": messages } }).to_string(),
            );
            return ExitCode::from(code);
        }
        for message in self.messages {
            let words = message.in_words();
            log::error(&message.rendered(), &words);
        }
        ExitCode::from(code)
    }

    /// The exit code.
    pub(crate) const fn code(&self) -> u8 {
        self.code
    }

    /// The first message, alone.
    pub(crate) fn first(&self) -> Option<&str> {
        self.messages.first().map(|message| message.text.as_str())
    }

    /// The messages as they are shown.
    #[cfg(test)]
    pub(crate) fn shown(self) -> impl Iterator<Item = String> {
        self.messages.into_iter().map(Message::rendered)
    }
}

impl Message {
    /// An error at a place in a file.
    pub(crate) fn at(
        file: &str,
        text: &str,
        span: std::ops::Range<usize>,
        message: String,
        help: Option<String>,
    ) -> Self {
        let place = Place { source: NamedSource::new(file, text.to_owned()), span: span.into() };
        Self { text: message, help, place: Some(place), cause: None }
    }

    /// The message as JSON; line and column are counted from one.
    fn as_json(&self) -> Value {
        let place = self.place.as_ref().map(|place| {
            let before = place.source.inner().get(..place.span.offset()).unwrap_or_default();
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            json!({ "file": place.source.name(), "line": before.matches('\n').count() + 1, "column": column })
        });
        let causes = std::iter::successors(self.cause.as_ref(), |cause| cause.next.as_deref());
        let causes: Vec<&str> = causes.map(|cause| cause.text.as_str()).collect();
        json!({ "message": self.text, "help": self.help, "place": place, "causes": causes })
    }

    /// The message without source excerpt: what is wrong, why, and what to do next.
    fn in_words(&self) -> String {
        let mut words = self.text.clone();
        let mut cause = self.cause.as_ref();
        while let Some(Cause { text, next }) = cause {
            words += &format!(": {text}");
            cause = next.as_deref();
        }
        words + &self.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default()
    }

    /// The message as shown; as plain text if the source excerpt can't be drawn.
    fn rendered(self) -> String {
        use std::fmt::Write as _;
        let plain = self.help.as_ref().map_or_else(|| self.text.clone(), |help| format!("{}\n{help}", self.text));
        let mut drawn = String::new();
        let written = write!(drawn, "{:?}", miette::Report::new(self));
        written.map_or(plain, |()| drawn)
    }
}

/// The exit codes of errors, and what each means.
pub(crate) const CODES: [(u8, &str); 4] = [
    (
        Failure::FAILED,
        "The command failed: for example a file can't be written, the lake is damaged, there are no order lines at all, or netto has a defect.",
    ),
    (
        Failure::USAGE,
        "The command line or the configuration is wrong; the message shows the line of `netto.toml`. `netto plan` exits with 2 if there is work to do.",
    ),
    (
        Failure::DATA,
        "The data break a limit: too many rows set apart, a month that lost too many rows, an incomplete file, a missing exchange rate, a negative driver, a main window without order lines; with `--strict` also a warning that configuration and data don't agree. Nothing was published.",
    ),
    (Failure::LOCKED, "Another run holds the lock of the project."),
];

/// The meaning of an exit code, in a word.
pub(crate) const fn kind(code: u8) -> &'static str {
    match code {
        Failure::USAGE => "usage",
        Failure::DATA => "data",
        Failure::LOCKED => "locked",
        _ => "failed",
    }
}

/// Colours and lines on a terminal, plain text elsewhere; wide enough for paths.
pub(crate) fn set_up_messages() {
    // It fails only if a hook is already set, and then messages are shown anyway.
    drop(miette::set_hook(Box::new(|_| messages())));
}

fn messages() -> Box<dyn miette::ReportHandler> {
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    // An empty variable doesn't count: https://no-color.org
    let colourless = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colours = terminal && !colourless && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    let theme = if colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    Box::new(GraphicalReportHandler::new_themed(theme).with_width(110).with_links(false))
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Self {
        let code = match &error {
            LakeError::Locked { .. } | LakeError::LockGone { .. } => Self::LOCKED,
            LakeError::TooManyRejects { .. }
            | LakeError::TooMuchSetApart { .. }
            | LakeError::Shrunk(_)
            | LakeError::Unfinished { .. }
            | LakeError::MissingRate { .. } => Self::DATA,
            LakeError::Config { .. }
            | LakeError::MissingColumn { .. }
            | LakeError::NoFiles { .. }
            | LakeError::Workbook { .. }
            | LakeError::VersionGone { .. }
            | LakeError::View { .. } => Self::USAGE,
            _ => Self::FAILED,
        };
        Self::of(code, &error, error.help())
    }
}

impl From<RollupError> for Failure {
    fn from(error: RollupError) -> Self {
        let code = match &error {
            RollupError::NegativeMinutes { .. } => Self::USAGE,
            RollupError::Spark(error) if error.setting().is_some() => Self::USAGE,
            _ => Self::FAILED,
        };
        Self::of(code, &error, error.help())
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        let code = if error.setting().is_some() { Self::USAGE } else { Self::FAILED };
        Self::of(code, &error, Some(error.help()))
    }
}

impl From<ProfitError> for Failure {
    fn from(error: ProfitError) -> Self {
        let code = match &error {
            ProfitError::NoCapacity { .. }
            | ProfitError::NoDirectActivity { .. }
            | ProfitError::NegativeMinutes { .. }
            | ProfitError::UnknownCustomer { .. }
            | ProfitError::UnknownPool { .. }
            | ProfitError::UnknownOrder { .. } => Self::USAGE,
            ProfitError::NegativeDriver { .. } => Self::DATA,
            _ => Self::FAILED,
        };
        Self::of(code, &error, error.help())
    }
}

impl From<SegmentError> for Failure {
    fn from(error: SegmentError) -> Self {
        Self::of(Self::FAILED, &error, error.help())
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        Self::of(Self::FAILED, &error, error.help())
    }
}

impl From<netto_model::FrameError> for Failure {
    fn from(error: netto_model::FrameError) -> Self {
        let help = error.help();
        Self::of(Self::FAILED, &error, help)
    }
}

impl Cause {
    fn of(error: &dyn Error) -> Self {
        Self { text: error.to_string(), next: error.source().map(|next| Box::new(Self::of(next))) }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.next.as_deref().map(|next| next as &dyn Error)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Message {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as &dyn Error)
    }
}

impl Diagnostic for Message {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| &place.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = |place: &Place| LabeledSpan::new_with_span(None, place.span);
        self.place.as_ref().map(|place| Box::new(std::iter::once(label(place))) as Box<dyn Iterator<Item = _>>)
    }
}
