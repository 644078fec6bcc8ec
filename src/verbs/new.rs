//! `netto new model NAME`: writes a template model with all parts.

use std::fs;
use std::io::{ErrorKind, Write as _};

use crate::cli::{Format, NewArgs, NewSubject};
use crate::failure::Failure;
use crate::output;
use crate::project::Project;

pub(crate) fn run(args: &NewArgs, format: Format) -> Result<(), Failure> {
    let NewSubject::Model(args) = &args.subject;
    let project = Project::open(&args.project)?;
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if !args.name.starts_with(|first: char| first.is_ascii_lowercase()) || !args.name.chars().all(plain) {
        let what = format!("`{}` is not a valid table name", args.name);
        return Err(Failure::usage(what, "use lower-case letters, digits and _, such as `sleeping_customer`"));
    }
    let file = project.folder.join("models").join(format!("{}.sql", args.name));
    let failed = |error| Failure::failed(format!("{} can't be written", file.display()), &error);
    fs::create_dir_all(project.folder.join("models")).map_err(failed)?;
    match fs::File::create_new(&file) {
        Ok(mut made) => made.write_all(TEXT.replace("NAME", &args.name).as_bytes()).map_err(failed)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let what = format!("{} already exists", file.display());
            return Err(Failure::usage(what, "choose another name, or edit that file"));
        }
        Err(error) => return Err(failed(error)),
    }
    output::written(&file, format);
    if format == Format::Table {
        output::text("`netto check` reads it, `netto run` publishes its table");
    }
    Ok(())
}

/// A working model.
const TEXT: &str = include_str!("new_model.sql");
