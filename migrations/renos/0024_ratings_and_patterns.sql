-- A booking is in one subcontractor's hands at a time.
create unique index task_assignments_booking_id_key_partial
    on renos.task_assignments (booking_id) where status in ('assigned', 'accepted', 'in_progress');

-- The rating of a subcontractor is the mean of its reviews, whoever writes those. The function has the rights of its owner:
-- callers may write reviews, but no rating. The subcontractor is locked by a statement of its own, so that the one that counts
-- sees whatever others committed while this one waited.
create function renos.rate_subcontractor() returns trigger
    language plpgsql
    security definer
    set search_path = ''
as $$
declare
    rated uuid;
begin
    for rated in
        select distinct id from unnest(array[old.subcontractor_id, new.subcontractor_id]) as id
        where id is not null
        order by id
    loop
        perform from renos.subcontractors as s where s.id = rated for no key update;

        update renos.subcontractors as s
        set rating = mean.rating
        from (
            select coalesce(round(avg(r.rating), 2), 0) as rating
            from renos.subcontractor_reviews as r
            where r.subcontractor_id = rated
        ) as mean
        where s.id = rated and s.rating is distinct from mean.rating;
    end loop;

    return null;
end
$$;

comment on function renos.rate_subcontractor() is
    'Trigger: the rating of a subcontractor is the mean of its reviews, 0 where it has none.';

create trigger subcontractor_reviews_rate_subcontractor
    after insert or delete or update of rating, subcontractor_id on renos.subcontractor_reviews
    for each row execute function renos.rate_subcontractor();

-- A habit that is seen again is the same habit. Who observes the same thing takes turns: there may be several rows of one
-- habit from before, so no key can tell.
create function renos.observe_pattern(kind text, entity text, habit jsonb, certainty numeric)
    returns renos.learned_patterns
    language plpgsql
    set search_path = ''
as $$
declare
    seen renos.learned_patterns;
begin
    perform pg_advisory_xact_lock(hashtextextended(concat_ws(chr(31), 'renos.learned_patterns', kind, entity), 0));

    update renos.learned_patterns as p
    set occurrences = p.occurrences + 1, last_observed = now(), confidence = certainty
    where p.id = (
        select k.id
        from renos.learned_patterns as k
        where k.pattern_type = kind and k.entity_id = entity and k.pattern_data = habit
        order by k.last_observed desc, k.id desc
        limit 1
    )
    returning p.* into seen;

    if not found then
        insert into renos.learned_patterns (pattern_type, entity_id, pattern_data, confidence, last_observed)
        values (kind, entity, habit, certainty, now())
        returning * into seen;
    end if;

    return seen;
end
$$;

comment on function renos.observe_pattern(text, text, jsonb, numeric) is
    'Counts a habit once more, or stores it: the newest row of that kind, entity and data.';

revoke execute on function renos.rate_subcontractor(), renos.observe_pattern(text, text, jsonb, numeric) from public;
grant execute on function renos.observe_pattern(text, text, jsonb, numeric) to renos_operator;
