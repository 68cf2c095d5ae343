-- What typed operations compute: whether a definition holds together, whether a text is what it should be, when
-- a cron expression is due. All are for the operator role alone.

-- A request that is counted is no edit of the webhook: it leaves updated_at alone.
drop trigger webhooks_set_updated_at on flow.webhooks;
create trigger webhooks_set_updated_at
    before update of workflow_id, name, url, method, secret, allowed_ips, is_active
    on flow.webhooks
    for each row execute function shared.set_updated_at();

create function flow.definition_fault(nodes jsonb, edges jsonb) returns text
    language sql immutable parallel safe
    set search_path = ''
as $$
    select case
        when jsonb_typeof(nodes) <> 'array' or jsonb_typeof(edges) <> 'array' then 'nodes and edges must be arrays'
        when jsonb_array_length(nodes) not between 1 and 500 then 'there must be 1 to 500 nodes'
        when exists (select from jsonb_array_elements(nodes) node where coalesce(node ->> 'id', '') = '')
            then 'every node must have an id'
        when (select count(distinct node ->> 'id') <> count(*) from jsonb_array_elements(nodes) node)
            then 'ids of nodes must be unique'
        when exists (
            select from jsonb_array_elements(edges) edge
            where not exists (select from jsonb_array_elements(nodes) node where node ->> 'id' = edge ->> 'from')
                or not exists (select from jsonb_array_elements(nodes) node where node ->> 'id' = edge ->> 'to')
        ) then 'every edge must join two nodes that exist'
    end
$$;

comment on function flow.definition_fault(jsonb, jsonb) is 'What is wrong with the definition of a workflow, or null.';

create function flow.is_of_type(value text, type text) returns boolean
    language plpgsql stable parallel safe
    set search_path = ''
as $$
begin
    case type
        when 'string' then return true;
        when 'number' then return value ~ '^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$';
        when 'boolean' then return value in ('true', 'false');
        when 'json' then perform value::jsonb;
        when 'network' then perform value::inet;
        when 'ciphertext' then return value ~ '^[0-9a-f]{32}:[0-9a-f]{32}:([0-9a-f]{2})+$';
        else return false;
    end case;
    return true;
exception
    when data_exception or program_limit_exceeded or statement_too_complex then
        return false;
end
$$;

comment on function flow.is_of_type(text, text) is
    'Whether the text is of that type: string, number, boolean, json, network (an address or a network), ciphertext (AES-256-GCM, iv:tag:ciphertext in hex).';

create function flow.cron_field(field text, low integer, high integer) returns integer[]
    language sql immutable parallel safe
    set search_path = ''
as $$
    with part as (
        select regexp_match(element, '^(\*|([0-9]{1,2})(-([0-9]{1,2}))?)(/([0-9]{1,2}))?$') as m
        from regexp_split_to_table(field, ',') element
    ),
    span as (
        select
            case when m[1] = '*' then low else m[2]::integer end as first,
            case when m[4] is not null then m[4]::integer when m[1] = '*' or m[6] is not null then high
                else m[2]::integer end as last,
            coalesce(m[6], '1')::integer as step
        from part
    )
    select case
        when (select bool_and(coalesce(first between low and high and last between first and high and step > 0, false))
            from span)
        then (
            select array_agg(distinct value order by value)
            from span, generate_series(first, last, greatest(step, 1)) value
        )
    end
$$;

comment on function flow.cron_field(text, integer, integer) is
    'The numbers that a field of a cron expression stands for (*, 5, 1-5, */15, 1-9/2, and lists of them), or null where it is none.';

create function flow.next_run(cron text, zone text, since timestamptz) returns timestamptz
    language sql stable parallel safe
    set search_path = ''
as $$
    with field as materialized (
        select
            f, flow.cron_field(f[1], 0, 59) as minutes, flow.cron_field(f[2], 0, 23) as hours,
            flow.cron_field(f[3], 1, 31) as days, flow.cron_field(f[4], 1, 12) as months,
            flow.cron_field(f[5], 0, 7) as weekdays
        from regexp_split_to_array(btrim(cron), '\s+') f
        where array_length(f, 1) = 5 and exists (select from pg_catalog.pg_timezone_names where name = zone)
    ),
    day as (
        select field.*, date
        from field, generate_series(0, 2922) later, lateral (select (since at time zone zone)::date + later as date) d
        where extract(month from date) = any (months)
            -- Where both days are restricted, either of them is enough: so does every cron.
            and case
                when f[3] like '*%' or f[5] like '*%' then
                    extract(day from date) = any (days)
                    and array[extract(dow from date)::integer, extract(isodow from date)::integer] && weekdays
                else
                    extract(day from date) = any (days)
                    or array[extract(dow from date)::integer, extract(isodow from date)::integer] && weekdays
            end
            and minutes is not null and hours is not null and days is not null and months is not null
            and weekdays is not null
        order by date
        limit 3
    )
    -- A local time that the clock skips is due when it has moved on. One that it repeats is due once, the second time,
    -- unless the expression is for every hour.
    select min(moment)
    from
        day,
        unnest(hours) hour,
        unnest(minutes) minute,
        lateral (select date + make_time(hour, minute, 0) as wall) w,
        lateral (
            select wall at time zone zone as moment
            union all
            select (wall at time zone zone) - interval '1 hour'
            where f[2] like '*%' and ((wall at time zone zone) - interval '1 hour') at time zone zone = wall
        ) m
    where moment >= since
$$;

comment on function flow.next_run(text, text, timestamptz) is
    'The first time at or after another that a cron expression of five fields matches in the zone, within eight years; null where there is none, or the expression or the zone is none.';

revoke execute on all functions in schema flow from public;
grant execute on function
    flow.definition_fault(jsonb, jsonb), flow.is_of_type(text, text), flow.cron_field(text, integer, integer),
    flow.next_run(text, text, timestamptz)
to flow_operator;
