//! Whose a row is that a caller asks for or makes: parts of statements that have the input as `i`.

/// The person that a call is about: the one given, or the caller. Null where a person names another.
macro_rules! person {
    () => {
        "case
            when auth.caller_is_backend() or not i ? 'user_id' or i ->> 'user_id' = auth.user_id()
            then coalesce(i ->> 'user_id', auth.user_id())
        end"
    };
}
pub(super) use person;

/// The organisation that a row is to be of: the one given, or the caller's. Null where a caller names one that is not
/// its own.
macro_rules! organization {
    () => {
        "case
            when auth.caller_role() = 'service_role' or not i ? 'organization_id'
                or btrim(i ->> 'organization_id') = auth.org_id()
            then coalesce(btrim(i ->> 'organization_id'), auth.org_id())
        end"
    };
}
pub(super) use organization;
