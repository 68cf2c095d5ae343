-- Demo data of the schema renos: what planning has learned, and the daily figures.

-- renos.customer_intelligence, 35: customers 1-35, figures from their rows; fixed times for 20 of the series.
insert into renos.customer_intelligence (id, customer_id, customer_name, access_notes, parking_instructions, special_instructions, preferences, fixed_schedule, total_bookings, completed_bookings, canceled_bookings,
                                         average_job_duration, last_booking_date, risk_score, risk_factors, total_revenue, average_booking_value, outstanding_invoices, payment_history, satisfaction_score, complaints, praises, created_at, last_updated)
select pg_temp.text_id('renos.customer_intelligence', c.n), k.id, c.name, case when c.n % 3 = 0 then 'Nøgleboks, koden står hos driftslederen' end, case when c.n % 4 = 0 then 'Parkering i gården, to pladser' end,
       case when c.n % 5 = 0 then 'Brug ikke klor' end,
       jsonb_build_object('communicationStyle', pg_temp.nth('{formal,friendly,short}', c.n), 'confirmationRequired', c.n % 2 = 0, 'preferredDays', jsonb_build_array(1 + c.n % 5), 'preferredTimes', jsonb_build_array('08:00'), 'avoidWeekends', true),
       case when c.n <= 14 or c.n between 16 and 21 then jsonb_build_object('dayOfWeek', extract(isodow from b.last_day)::int, 'time', b.last_time, 'frequency', case when c.n <= 14 or c.n = 16 then 'weekly' else 'biweekly' end, 'confidence', 80 + c.n % 20) end,
       b.number, b.done, b.cancelled, b.hours, b.last_at, r.risk,
       array_remove(array[case when m.complaints > 0 then 'complaints' end, case when i.open > 0 then 'unpaid_invoices' end, case when b.cancelled > 0 then 'cancellations' end, case when c.n % 10 = 3 then 'late_payer' end], null),
       k.total_revenue, case when b.done > 0 then round(k.total_revenue / b.done, 2) else 0 end, i.open, (array['excellent', 'good', 'good', 'fair', 'good', 'excellent', 'poor'])[1 + c.n % 7],
       q.stars, m.complaints, m.praises, k.created_at, greatest(b.last_at, k.created_at)
from demo_customers c
join renos.customers k on k.id = pg_temp.text_id('renos.customers', c.n)
cross join lateral (select count(*)::int as number, count(*) filter (where status = 'completed')::int as done, count(*) filter (where status = 'cancelled')::int as cancelled,
                           coalesce(round(avg(worked) / 60, 2), 0) as hours, max(coalesce(ended, started)) as last_at, max(day) filter (where plan is not null) as last_day,
                           (array_agg(to_char(planned at time zone 'Europe/Copenhagen', 'HH24:MI') order by day desc) filter (where plan is not null))[1] as last_time from demo_bookings b where b.customer = c.n) b
cross join lateral (select count(*)::int as open from demo_invoices i where i.customer = c.n and i.status in ('sent', 'overdue')) i
cross join lateral (select count(*) filter (where topic = 'complaint')::int as complaints, count(*) filter (where topic = 'praise')::int as praises from demo_threads t where t.customer = c.n) m
cross join lateral (select round(avg(overall_score), 1) as stars from renos.quality_assessments a where a.lead_id = pg_temp.text_id('renos.leads', c.n)) q
cross join lateral (select least(90, 30 * m.complaints + 10 * i.open + 15 * b.cancelled + case when c.n % 10 = 3 then 60 else 0 end)::int as risk) r
where c.n <= 35
on conflict do nothing;

-- renos.booking_validations, 90: all five checks; approved 70, manual_review 14, rejected 6.
insert into renos.booking_validations (id, booking_id, validation_type, passed, confidence, input, warnings, errors, action, reviewed_by, created_at)
select pg_temp.text_id('renos.booking_validations', v.n), pg_temp.text_id('renos.bookings', b.n), v.type, v.action <> 'rejected',
       case v.action when 'approved' then 90 + v.n % 10 when 'rejected' then 95 else 55 + v.n % 20 end,
       jsonb_build_object('date', b.day, 'customer_id', pg_temp.text_id('renos.customers', b.customer), 'duration', b.estimate),
       case when v.action = 'manual_review' then jsonb_build_array(jsonb_build_object('type', 'unusual_day', 'message', 'Kunden plejer at vælge en anden dag', 'severity', 'medium', 'data', '{}'::jsonb)) else '[]'::jsonb end,
       case when v.action = 'rejected' then jsonb_build_array(jsonb_build_object('type', 'double_booking', 'message', 'Holdet er optaget på tidspunktet', 'field', 'scheduled_at', 'data', '{}'::jsonb)) else '[]'::jsonb end,
       v.action, case when v.action = 'manual_review' then pg_temp.text_id('renos.users', 3 + v.n % 2) end, b.created - interval '5 minutes'
from (select n::int, pg_temp.nth('{date,conflict,pattern,team,full}', n) as type, pg_temp.share('{approved,manual_review,rejected}', '{70,14,6}', pg_temp.spread(n, 90)) as action from generate_series(1, 90) n) v
join demo_bookings b on b.n = 150 + v.n
on conflict do nothing;

-- renos.overtime_logs, 18: the jobs that ran over most; 12 with an alert an hour over, 10 with a talk.
insert into renos.overtime_logs (id, booking_id, customer_id, customer_name, estimated_hours, actual_hours, overtime_hours, start_time, end_time, alert_sent_at, alert_method, communication_log, customer_notified, customer_response, created_at)
select pg_temp.text_id('renos.overtime_logs', r), pg_temp.text_id('renos.bookings', n), pg_temp.text_id('renos.customers', customer), name, round(estimate / 60.0, 2), round(worked / 60.0, 2), round(worked / 60.0, 2) - round(estimate / 60.0, 2), started, ended,
       case when r <= 12 then alert end, case when r <= 12 then pg_temp.nth('{voice,sms,email}', r) end,
       case when r <= 10 then jsonb_build_array(jsonb_build_object('timestamp', to_char((alert + interval '5 minutes') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'type', pg_temp.nth('{call,sms,email,in_person}', r), 'direction', 'outgoing', 'content', 'Vi er ikke helt færdige og fortsætter, hvis det er i orden', 'outcome', 'accepted'))
            else '[]'::jsonb end,
       r <= 10, case when r <= 10 then pg_temp.nth(array['Det er helt fint', 'Ja, men højst en time', 'Gør bare arbejdet færdigt'], r) end, case when r <= 12 then alert else ended end
from (select b.*, c.name, row_number() over (order by b.worked - b.estimate desc, b.n) as r, b.started + make_interval(mins => b.estimate + b.pauses + 60) as alert
      from demo_bookings b join demo_customers c on c.n = b.customer where b.status = 'completed') x
where r <= 18
on conflict do nothing;

-- renos.learned_patterns, 40: ten of each kind.
insert into renos.learned_patterns (id, pattern_type, entity_id, pattern_data, confidence, occurrences, last_observed, last_validated, created_at)
select pg_temp.text_id('renos.learned_patterns', n), type, case when type = 'job_duration' then (array['Flytterengøring', 'Hovedrengøring', 'Privatrengøring', 'Vinduer', 'Airbnb', 'Erhverv', 'office_cleaning', 'Fast Rengøring', 'Tæpperens', 'Håndværkerrengøring'])[k] else pg_temp.text_id('renos.customers', k) end,
       case type when 'customer_schedule' then jsonb_build_object('dayOfWeek', 1 + k % 5, 'frequency', 'weekly') when 'job_duration' then jsonb_build_object('minutes', 120 + 30 * k, 'perSquareMeter', round(1 + k / 10.0, 2))
                 when 'team_preference' then jsonb_build_object('team', 1 + k % 4) else jsonb_build_object('style', pg_temp.nth('{formal,friendly,short}', k)) end,
       50 + (n * 7) % 50, 2 + n % 14, pg_temp.at(-1 - n % 40, 900), case when n % 3 <> 0 then pg_temp.at(-n % 40, 915) end, pg_temp.at(-200 + n, 900)
from (select n::int, pg_temp.nth('{customer_schedule,job_duration,team_preference,communication_style}', n) as type, ((n - 1) / 4 + 1)::int as k from generate_series(1, 40) n) x
on conflict do nothing;

-- renos.undo_actions, 6: two undone, three expired, one still open (five minutes from the moment of seeding:
-- the only row that does not depend on the anchor alone).
insert into renos.undo_actions (id, type, entity_id, entity_type, before, after, performed_by, performed_at, expires_at, undone_at, undone_by)
select pg_temp.text_id('renos.undo_actions', n), type, pg_temp.text_id(tbl, row_no), entity, before::jsonb, after::jsonb, pg_temp.text_id('renos.users', by), made, made + interval '5 minutes',
       case when n <= 2 then made + interval '2 minutes' end, case when n <= 2 then pg_temp.text_id('renos.users', by) end
from (select v.*, case when n = 6 then now() else pg_temp.at(-1, 600 + n * 47) end as made
      from (values
        (1, 'booking_created', 'booking', 'renos.bookings', 280, '{}', '{"status": "scheduled"}', 3),
        (2, 'customer_updated', 'customer', 'renos.customers', 30, '{"phone": "+45 00 00 00 01"}', '{"phone": "+45 00 00 00 02"}', 4),
        (3, 'invoice_created', 'invoice', 'renos.invoices', 160, '{}', '{"status": "draft"}', 2),
        (4, 'validation_override', 'validation', 'renos.booking_validations', 12, '{"action": "manual_review"}', '{"action": "approved"}', 3),
        (5, 'booking_created', 'booking', 'renos.bookings', 281, '{}', '{"status": "scheduled"}', 4),
        (6, 'customer_updated', 'customer', 'renos.customers', 33, '{"notes": null}', '{"notes": "Ønsker besked på sms"}', 3)
      ) v(n, type, entity, tbl, row_no, before, after, by)) x
on conflict do nothing;

-- renos.analytics, 720: eight figures for each of the last 90 days, counted from the rows; on a day without an
-- assessment customer_satisfaction is the mean so far.
insert into renos.analytics (id, date, metric, value, metadata, created_at)
select pg_temp.text_id('renos.analytics', (pg_temp.anchor() - d.day) * 10 + f.no), d.day, f.metric, f.value, f.metadata, pg_temp.on_day(d.day + 1, 15)
from (select pg_temp.anchor() - g as day from generate_series(1, 90) g) d
cross join lateral (
  select 1 as no, 'leads_generated' as metric, (select count(*) from demo_leads where (created at time zone 'Europe/Copenhagen')::date = d.day)::double precision as value, null::jsonb as metadata
  union all select 2, 'leads_converted', (select count(*) from demo_quotes where status = 'accepted' and n <= 54 and (decided at time zone 'Europe/Copenhagen')::date = d.day), null
  union all select 3, 'bookings_completed', (select count(*) from demo_bookings where status = 'completed' and day = d.day), null
  union all select 4, 'revenue', (select coalesce(sum(t.total), 0) from demo_invoices i join demo_totals t on t.invoice = i.n where i.status = 'paid' and (i.paid_at at time zone 'Europe/Copenhagen')::date = d.day), '{"currency": "DKK"}'
  union all select 5, 'invoices_sent', (select count(*) from demo_invoices where status <> 'draft' and issued = d.day), null
  union all select 6, 'invoices_paid', (select count(*) from demo_invoices where status = 'paid' and (paid_at at time zone 'Europe/Copenhagen')::date = d.day), null
  union all select 7, 'customer_satisfaction',
    (select coalesce(round(avg(overall_score) filter (where (created_at at time zone 'Europe/Copenhagen')::date = d.day), 2), round(avg(overall_score), 2), 4.5)
     from renos.quality_assessments where (created_at at time zone 'Europe/Copenhagen')::date <= d.day), '{"scale": 5}'
  union all select 8, 'emails_sent', (select count(*) from demo_messages where direction = 'outbound' and (sent at time zone 'Europe/Copenhagen')::date = d.day), null) f
on conflict do nothing;
