//! What an answer is written in: `Accept` against what there is.
//!
//! PostgREST: references/api/resource_representation and media_type_handlers; its Negotiate.hs.

use crate::{
    catalog::{Catalog, MediaHandler},
    error::Problem,
    name::QualifiedName,
    plan::Format,
    query::media::{MediaType, Nulls, Plan},
};

/// What the answer will be.
#[derive(Clone, Debug)]
pub(super) struct Negotiated<'c> {
    /// How rows are written.
    pub format: Format<'c>,
    /// The value of `Content-Type`.
    pub media: MediaType,
    /// Not the rows are wanted but how Postgres would get them.
    pub explain: Option<Plan>,
}

impl Negotiated<'_> {
    /// The same where no body is sent: nothing has to be made of the rows, only their number matters.
    pub fn without_body(self) -> Self {
        let format = match self.format {
            Format::Json { .. } => self.format,
            Format::NdJson | Format::Csv | Format::GeoJson | Format::Handler(_) => Format::JSON,
        };
        Self { format, ..self }
    }
}

/// What can be chosen from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer<'a, 'c> {
    /// The database's own handlers.
    pub catalog: &'c Catalog,
    /// The relation or function whose own handlers count: none where the select is not `*`, since they take its rows.
    pub rows_of: Option<&'a QualifiedName>,
    /// Execution plans are allowed.
    pub plans: bool,
}

impl<'c> Offer<'_, 'c> {
    /// The first that is accepted.
    ///
    /// # Errors
    /// PGRST107: none is.
    pub fn choose(self, accept: &[MediaType]) -> Result<Negotiated<'c>, Problem> {
        accept
            .iter()
            .find_map(|media| self.find(media))
            .ok_or_else(|| Problem::not_acceptable(&accept.iter().map(MediaType::mime).collect::<Vec<_>>()))
    }

    fn find(self, media: &MediaType) -> Option<Negotiated<'c>> {
        let (format, media, explain) = match media {
            MediaType::Plan(plan) if self.plans => (self.format(&plan.of)?.0, media.clone(), Some((**plan).clone())),
            MediaType::Plan(_) => return None,
            media => {
                let (format, media) = self.format(media)?;
                (format, media, None)
            }
        };
        Some(Negotiated { format, media, explain })
    }

    fn format(self, media: &MediaType) -> Option<(Format<'c>, MediaType)> {
        let json = |singular, strip_nulls| Format::Json { singular, strip_nulls };
        match media {
            MediaType::Object(nulls) => return Some((json(true, *nulls == Nulls::Stripped), media.clone())),
            MediaType::ArrayStripped => return Some((json(false, true), media.clone())),
            _ => {}
        }
        if let Some(handler) = self.handler(&media.mime().to_lowercase()) {
            return Some((Format::Handler(handler), MediaType::parse(&handler.media_type)));
        }
        match media {
            MediaType::Any | MediaType::Json => Some((Format::JSON, MediaType::Json)),
            MediaType::NdJson => Some((Format::NdJson, MediaType::NdJson)),
            MediaType::Csv => Some((Format::Csv, MediaType::Csv)),
            MediaType::GeoJson => Some((Format::GeoJson, MediaType::GeoJson)),
            _ => None,
        }
    }

    /// The handler of the rows for any media type, else for this one, else that of any rows for this one.
    fn handler(self, accept: &str) -> Option<&'c MediaHandler> {
        let of = |target: Option<&QualifiedName>, accept: &str| {
            let handlers = &self.catalog.media_handlers;
            handlers.iter().find(|handler| handler.target.as_ref() == target && handler.accept == accept)
        };
        let own = |accept| self.rows_of.and_then(|name| of(Some(name), accept));
        own("*/*").or_else(|| own(accept)).or_else(|| of(None, accept))
    }
}
