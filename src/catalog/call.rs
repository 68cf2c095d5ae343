//! Which of the functions of one name a call means.
//!
//! In: the name, the names of the arguments, the kind of body. Out: the one [`Routine`] they mean; refuses none and
//! several. Argument names choose, not types (PostgREST, Plan.hs, `findProc`).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Catalog, LookupError, Routine, lookup::LookupFailure, suggest};
use crate::name::QualifiedName;

/// What a call brings besides named arguments. Some kinds can be taken whole, by a single parameter without a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// No body: GET and HEAD.
    None,
    /// `application/json`, whose keys are the arguments.
    Json,
    /// `text/plain`
    Text,
    /// `text/xml`
    Xml,
    /// `application/octet-stream`
    Bytes,
    /// Any other, such as a form or CSV: keys only.
    Other,
}

impl Body {
    /// Types of a parameter without a name that takes it whole.
    fn whole(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["json", "jsonb"],
            Self::Text => &["text"],
            Self::Xml => &["xml"],
            Self::Bytes => &["bytea"],
            Self::None | Self::Other => &[],
        }
    }

    /// It has no keys, so it can only be taken whole.
    fn is_opaque(self) -> bool {
        matches!(self, Self::Text | Self::Xml | Self::Bytes)
    }
}

impl Catalog {
    /// The function that a call means: one whose parameters take these arguments, else one that takes the body whole.
    ///
    /// # Errors
    /// [`LookupFailure::NoRoutine`] and [`LookupFailure::AmbiguousRoutine`].
    pub fn resolve_routine(
        &self,
        name: &QualifiedName,
        arguments: &BTreeSet<&str>,
        body: Body,
    ) -> Result<&Routine, LookupError> {
        let routines = self.routines(name);
        let mut meant: Vec<_> = routines.iter().filter(|routine| routine.takes(arguments, body)).collect();
        if meant.is_empty() {
            meant = routines.iter().filter(|routine| routine.takes_whole(body)).collect();
        }
        match meant.as_slice() {
            [] => Err(self.no_routine(name, arguments, body)),
            [routine] => Ok(routine),
            routines => Err(ambiguous(routines)),
        }
    }

    fn no_routine(&self, name: &QualifiedName, arguments: &BTreeSet<&str>, body: Body) -> LookupError {
        let names = arguments.iter().copied().collect::<Vec<_>>().join(", ");
        let or_none = |with: String| if arguments.is_empty() { " without parameters".to_owned() } else { with };
        let plural = if arguments.len() > 1 { "s" } else { "" };
        let named = or_none(format!(" with parameter{plural} {names}"));
        let searched = match body {
            Body::Text => " with a single unnamed text parameter".to_owned(),
            Body::Xml => " with a single unnamed xml parameter".to_owned(),
            Body::Bytes => " with a single unnamed bytea parameter".to_owned(),
            Body::Json => format!("{named} or with a single unnamed json/jsonb parameter"),
            Body::None | Body::Other => named,
        };
        let signature = if body.is_opaque() { String::new() } else { or_none(format!("({names})")) };
        LookupError {
            failure: LookupFailure::NoRoutine,
            message: format!("Could not find the function {name}{signature} in the schema cache"),
            details: Some(Box::new(Value::String(format!(
                "Searched for the function {name}{searched}, but no matches were found in the schema cache."
            )))),
            hint: (!body.is_opaque())
                .then(|| self.similar(name, arguments))
                .flatten()
                .map(|similar| format!("Perhaps you meant to call the function {}.{similar}", name.schema)),
        }
    }

    /// A function of a similar name; where the name is right, similar parameters.
    fn similar(&self, name: &QualifiedName, arguments: &BTreeSet<&str>) -> Option<String> {
        let overloads = self.routines(name);
        if overloads.is_empty() {
            let names: BTreeSet<_> = (self.routines.keys())
                .filter(|other| other.schema == name.schema)
                .map(|other| other.name.as_str())
                .collect();
            return suggest::closest(names, name.name.as_str(), suggest::CLOSE).map(|(_, closest)| closest.to_owned());
        }
        let signatures: Vec<_> = (overloads.iter())
            .map(|routine| {
                let mut names: Vec<_> = routine.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
                names.sort_unstable();
                signature(names)
            })
            .collect();
        let wanted = signature(arguments.iter().copied().collect());
        let (_, closest) = suggest::closest(signatures.iter().map(String::as_str), &wanted, suggest::LOOSE)?;
        Some(format!("{}{closest}", name.name))
    }
}

fn signature(names: Vec<&str>) -> String {
    format!("({})", names.join(", "))
}

fn ambiguous(routines: &[&Routine]) -> LookupError {
    let candidates: Vec<_> = routines
        .iter()
        .map(|routine| {
            let parameters: Vec<_> =
                routine.parameters.iter().map(|p| format!("{} => {}", p.name, p.ty.label())).collect();
            format!("{}({})", routine.name, parameters.join(", "))
        })
        .collect();
    LookupError {
        failure: LookupFailure::AmbiguousRoutine,
        message: format!("Could not choose the best candidate function between: {}", candidates.join(", ")),
        details: None,
        hint: Some(
            "Try renaming the parameters or the function itself in the database so function overloading can be \
             resolved"
                .to_owned(),
        ),
    }
}

impl Routine {
    /// Every argument has a parameter, and every parameter without a default an argument.
    fn takes(&self, arguments: &BTreeSet<&str>, body: Body) -> bool {
        if self.parameters.is_empty() {
            return arguments.is_empty() && !body.is_opaque();
        }
        let takes = |name: &str| self.parameters.iter().any(|parameter| parameter.name == name);
        arguments.iter().all(|name| takes(name))
            && self
                .parameters
                .iter()
                .all(|parameter| !parameter.required || arguments.contains(parameter.name.as_str()))
    }

    fn takes_whole(&self, body: Body) -> bool {
        match self.parameters.as_slice() {
            [only] => only.name.is_empty() && body.whole().contains(&only.ty.name.as_str()),
            _ => false,
        }
    }
}
