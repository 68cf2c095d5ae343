//! What Mermaid takes for a name, a type and a label.
//!
//! In: names as the database has them. Out: words of Mermaid's grammar (its documentation: Entity Relationship Diagrams). A
//! name that is no such word is told in quotes, or beside one that is.

/// The name of an entity, with its schema where one is given.
pub(super) fn entity(schema: Option<&str>, name: &str) -> String {
    match schema {
        None if is_word(name) => name.to_owned(),
        None => label(name),
        Some(schema) => label(&format!("{schema}.{name}")),
    }
}

/// A text in quotes. There is no way to write a quote in one, nor a percent sign or a backslash.
pub(super) fn label(text: &str) -> String {
    let plain = |c: char| match c {
        '"' => '\'',
        '%' | '\\' => '_',
        c if c.is_control() => ' ',
        c => c,
    };
    format!("\"{}\"", text.chars().map(plain).collect::<String>())
}

/// A column: its type, its name, its keys, and a remark where it may be null or is called otherwise.
pub(super) fn attribute(ty: &str, name: &str, keys: &str, is_nullable: bool) -> String {
    let mut remarks = Vec::new();
    let word = if is_word(name) {
        name.to_owned()
    } else {
        remarks.push(name.to_owned());
        name.chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .fold("c_".to_owned(), |word, c| word + &c.to_string())
    };
    if is_nullable {
        remarks.push("null".to_owned());
    }
    let keys = if keys.is_empty() { String::new() } else { format!(" {keys}") };
    let remarks = if remarks.is_empty() { String::new() } else { format!(" {}", label(&remarks.join(", "))) };
    format!("{} {word}{keys}{remarks}", short(ty))
}

/// A type in one word, as Postgres' own short names are.
fn short(ty: &str) -> String {
    let (ty, array) = ty.strip_suffix("[]").map_or((ty, ""), |element| (element, "[]"));
    let name = match ty {
        "timestamp with time zone" => "timestamptz",
        "timestamp without time zone" => "timestamp",
        "time with time zone" => "timetz",
        "time without time zone" => "time",
        "character varying" => "varchar",
        "character" => "char",
        "double precision" => "float8",
        "bit varying" => "varbit",
        // An extension's type comes with the schema that it is in.
        ty => ty.rsplit('.').next().unwrap_or(ty),
    };
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect::<String>() + array
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
