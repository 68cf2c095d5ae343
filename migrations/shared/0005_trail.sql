-- What goes into the trail holds no secrets, and is of a size that somebody may read.

create function shared.without_secrets(value jsonb) returns jsonb
    language plpgsql immutable parallel safe
    set search_path = ''
as $$
begin
    return case jsonb_typeof(value)
        when 'object' then (
            select coalesce(jsonb_object_agg(
                key,
                case when key ~* 'key|token|secret|password|authorization' then '"[removed]"' else shared.without_secrets(inner_value) end
            ), '{}')
            from jsonb_each(value) as field (key, inner_value)
        )
        when 'array' then (
            select coalesce(jsonb_agg(shared.without_secrets(item) order by position), '[]')
            from jsonb_array_elements(value) with ordinality as element (item, position)
        )
        else value
    end;
end
$$;

comment on function shared.without_secrets(jsonb) is
    'A value without what stands under keys that look like those of secrets: key, token, secret, password, authorization.';

create function shared.for_trail(value jsonb) returns jsonb
    language sql immutable parallel safe
    set search_path = ''
as $$
    select case
        when octet_length(value::text) > 65536 then jsonb_build_object('cut', true, 'beginning', left(value::text, 10000))
        else value
    end
    from (select shared.without_secrets(value)) as clean (value)
$$;

comment on function shared.for_trail(jsonb) is 'A value as the trail keeps it: without secrets, and cut where it is longer than 64 KiB.';

revoke execute on function shared.without_secrets(jsonb), shared.for_trail(jsonb) from public;
grant execute on function shared.without_secrets(jsonb), shared.for_trail(jsonb) to shared_operator;
