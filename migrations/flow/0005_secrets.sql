-- Who may have a secret of flow in clear: an operator, and the Flow API where its token says so.

create function flow.may_reveal() returns boolean
    language sql stable parallel safe
    set search_path = ''
as $$
    select coalesce(auth.caller_role() = 'service_role', false)
        or coalesce(
            (nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'reveal_secrets') = 'true'::jsonb,
            false
        )
$$;

comment on function flow.may_reveal() is 'Whether the caller may have a secret of this schema in clear.';

grant execute on function flow.may_reveal() to flow_operator;
