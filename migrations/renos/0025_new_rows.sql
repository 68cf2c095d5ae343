-- What a new row is when its writer leaves things out, and the rank of priorities.

-- Ordered by the alphabet, `high` would come last.
create function renos.priority_rank(lead renos.leads) returns smallint
    language sql
    immutable
    parallel safe
    return case lead.priority when 'urgent' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 end;

comment on function renos.priority_rank(renos.leads) is 'Place of the priority: urgent 1, high 2, medium 3, low 4.';
revoke execute on function renos.priority_rank(renos.leads) from public;
grant execute on function renos.priority_rank(renos.leads) to renos_app, service_role, renos_operator;

-- A booking is of a customer, of a lead, or of both; and it ends as long after its start as it is estimated to last.
create function renos.complete_booking() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if new.customer_id is null and new.lead_id is null then
        raise check_violation using
            message = 'A booking needs a customer or a lead',
            hint = 'Send customer_id, lead_id or both',
            schema = 'renos', table = 'bookings', constraint = 'bookings_of_somebody';
    end if;

    if new.customer_id is null then
        select l.customer_id into new.customer_id from renos.leads l where l.id = new.lead_id;
    end if;

    if new.estimated_duration > 1440 then
        raise check_violation using
            message = 'A booking lasts a day at most',
            hint = 'Send estimated_duration in minutes, up to 1440',
            schema = 'renos', table = 'bookings', column = 'estimated_duration';
    end if;

    new.start_time := coalesce(new.start_time, new.scheduled_at);
    new.end_time := coalesce(new.end_time, new.start_time + make_interval(mins => new.estimated_duration));
    return new;
end
$$;

comment on function renos.complete_booking() is 'Takes the customer from the lead, and the slot from time and duration.';
revoke execute on function renos.complete_booking() from public;

create trigger complete_booking
    before insert on renos.bookings
    for each row execute function renos.complete_booking();

-- A thread that is registered with its customer was matched by whoever did it.
create function renos.complete_email_thread() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.participants := array(
        select lower(btrim(p.address)) from unnest(new.participants) with ordinality as p (address, place) order by p.place
    );

    if new.customer_id is not null and not new.is_matched then
        new.is_matched := true;
        new.matched_at := coalesce(new.matched_at, now());
        new.matched_by := coalesce(new.matched_by, 'manual');
        new.confidence := coalesce(new.confidence, 1);
    end if;

    return new;
end
$$;

comment on function renos.complete_email_thread() is 'Lower-cases addresses; a thread with a customer is matched.';
revoke execute on function renos.complete_email_thread() from public;

create trigger complete_email_thread
    before insert on renos.email_threads
    for each row execute function renos.complete_email_thread();

alter table renos.email_threads alter column last_message_at set default now();
