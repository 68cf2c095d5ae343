-- Demo data of the schema renos: plans, bookings, pauses, worked time.

-- renos.cleaning_plans, 40: 3 templates, 33 active, 4 no longer; minutes and price are sums of the tasks.
insert into renos.cleaning_plans (id, customer_id, name, description, service_type, frequency, is_template, is_active, estimated_duration, estimated_price, square_meters, address, notes, created_at, updated_at)
select pg_temp.text_id('renos.cleaning_plans', p.n), pg_temp.text_id('renos.customers', p.customer),
       case when p.n = 1 then 'Ugentlig klinikrengøring'
            when p.template then pg_temp.nth('{Skabelon: kontor,Skabelon: privat hjem,Skabelon: flytning}', p.n - 33)
            else case p.frequency when 'weekly' then 'Ugentlig rengøring' when 'biweekly' then 'Rengøring hver anden uge' when 'monthly' then 'Månedlig rengøring' else 'Engangsrengøring' end || ', ' || c.name end,
       case when p.template then 'Grundlag for nye planer' when p.n % 3 = 0 then 'Aftalt ved besigtigelse' end,
       case when p.n = 36 or p.n = 40 then 'Flytterengøring' when p.n in (32, 39) then 'Hovedrengøring' when p.frequency = 'once' then 'Engangsopgave' when c.business then 'office_cleaning' else 'Fast Rengøring' end,
       p.frequency, p.template, p.active, t.minutes, t.price, case when not p.template then c.area end, case when not p.template then c.address end,
       case when p.n % 5 = 2 then 'Nøgleboks ved hoveddøren.' end,
       created, case when not p.active then pg_temp.at(-60 - p.n, 600) else created end
from demo_plans p
join demo_customers c on c.n = p.customer
join (select plan, sum(minutes) as minutes, sum(price) as price from demo_tasks group by plan) t on t.plan = p.n
cross join lateral (select coalesce((select min(b.created) - interval '1 day' from demo_bookings b where b.plan = p.n), pg_temp.at(-300 + p.n, 600)) as created) k
on conflict do nothing;

-- renos.cleaning_tasks, 260, 20 with a price.
insert into renos.cleaning_tasks (id, plan_id, name, description, category, estimated_time, is_required, is_completed, sort_order, price_per_task, created_at, updated_at)
select pg_temp.text_id('renos.cleaning_tasks', t.id), p.id, t.name, case when t.category = 'Special' then 'Efter aftale' end, t.category, t.minutes, t.required, false, t.i - 1, t.price, p.created_at, p.created_at
from demo_tasks t join renos.cleaning_plans p on p.id = pg_temp.text_id('renos.cleaning_plans', t.plan)
on conflict do nothing;

-- renos.bookings, 320. 156 has the figures 180, 195, one pause of 30 minutes; 221 and 222 run, 223 pauses.
insert into renos.bookings (id, customer_id, lead_id, quote_id, service_type, address, scheduled_at, estimated_duration, start_time, end_time, status, calendar_event_id, calendar_link, notes,
                            actual_start_time, actual_end_time, actual_duration, time_variance, efficiency_score, time_notes, timer_status, created_at, updated_at)
select pg_temp.text_id('renos.bookings', b.n), pg_temp.text_id('renos.customers', b.customer), pg_temp.text_id('renos.leads', b.lead), pg_temp.text_id('renos.quotes', b.lead),
       b.service, c.address, planned, estimate, planned, planned + make_interval(mins => estimate), b.status,
       case when b.n % 3 <> 0 then 'demo-event-' || b.n end, case when b.n % 3 <> 0 then 'https://kalender.example/event/demo-event-' || b.n end,
       case when b.status = 'cancelled' then pg_temp.nth('{Aflyst af kunden: ferie,Aflyst af kunden: sygdom,Aflyst: dobbeltbooking}', b.n)
            when b.status = 'rescheduled' then 'Flyttet efter aftale med kunden' when b.n % 9 = 0 then 'Husk nøglen' end,
       started, ended, worked, worked - estimate, case when worked > 0 then estimate::double precision / worked end,
       case when worked - estimate >= 60 then 'Mere snavset end ventet' when b.n % 23 = 0 and worked is not null then 'Alt forløb som planlagt' end,
       case when b.status = 'completed' then 'completed' when b.n in (221, 222) then 'running' when b.n = 223 then 'paused' else 'not_started' end,
       b.created, case when b.status in ('completed', 'in_progress') then coalesce(ended, started)
                       when b.status = 'cancelled' then greatest(b.created, case when b.day < pg_temp.anchor() then pg_temp.on_day(b.day - 1, 1000) else pg_temp.at(-1, 720) end)
                       when b.status in ('rescheduled', 'confirmed') then greatest(b.created, pg_temp.at(-1, 780)) else b.created end
from demo_bookings b join demo_customers c on c.n = b.customer
on conflict do nothing;

-- renos.cleaning_plan_bookings, 150: done bookings of plan customers, with the tasks done.
insert into renos.cleaning_plan_bookings (id, plan_id, booking_id, completed_tasks, actual_duration, notes, created_at, updated_at)
select pg_temp.text_id('renos.cleaning_plan_bookings', b.n), pg_temp.text_id('renos.cleaning_plans', b.plan), pg_temp.text_id('renos.bookings', b.n),
       (select array_agg(pg_temp.text_id('renos.cleaning_tasks', t.id) order by t.i) from demo_tasks t where t.plan = b.plan and (t.required or b.n % 4 <> 0)),
       b.worked, case when b.n % 20 = 0 then 'Kunden var hjemme' end, b.ended, b.ended
from demo_bookings b where b.n <= 150
on conflict do nothing;

-- renos.breaks, 250: 249 ended, and the open one of the paused booking.
insert into renos.breaks (id, booking_id, start_time, end_time, duration, reason, notes, created_at, updated_at)
select pg_temp.text_id('renos.breaks', k.id), pg_temp.text_id('renos.bookings', k.booking), s, s + make_interval(mins => k.minutes), k.minutes, k.reason,
       case when k.reason = 'transport' then 'Hentede udstyr på lageret' end, s, s + make_interval(mins => k.minutes)
from demo_breaks k join demo_bookings b on b.n = k.booking
cross join lateral (select b.started + make_interval(mins => floor(b.worked * k.share)::int + k.before::int) as s) x
union all
select pg_temp.text_id('renos.breaks', 250), pg_temp.text_id('renos.bookings', 223), started + interval '90 minutes', null, null, 'lunch', null, started + interval '90 minutes', started + interval '90 minutes'
from demo_bookings where n = 223
on conflict do nothing;

-- renos.time_entries, 420: 418 ended, 2 running; the entries 9 to 12 were corrected (see the corrections).
insert into renos.time_entries (id, team_member_id, lead_id, booking_id, start_time, end_time, break_duration, notes, location, created_at, updated_at)
select pg_temp.text_id('renos.time_entries', id), pg_temp.text_id('renos.team_members', member), pg_temp.text_id('renos.leads', lead), pg_temp.text_id('renos.bookings', booking),
       started, ended, pauses, case when id % 40 = 0 then 'Kørte sammen' end,
       case when id % 2 = 0 then jsonb_build_object('lat', 56.10 + (id % 60) / 1000.0, 'lng', 10.10 + (id % 80) / 1000.0) end,
       started, case when id between 9 and 12 then ended + interval '2 days' else coalesce(ended, started) end
from demo_entries
on conflict do nothing;

-- renos.time_corrections, 9: approved 4 (the entry has the corrected times), rejected 2, pending 3.
insert into renos.time_corrections (id, original_entry_id, original_start_time, original_end_time, original_break_duration, corrected_start_time, corrected_end_time, corrected_break_duration,
                                    reason, status, submitted_by, approved_by, approved_at, rejected_by, rejected_at, rejection_reason, created_at, updated_at)
select pg_temp.text_id('renos.time_corrections', c.n), pg_temp.text_id('renos.time_entries', e.id),
       e.started, case when c.n <= 4 then e.ended - interval '20 minutes' else e.ended end, e.pauses,
       e.started, case when c.n <= 4 then e.ended else e.ended + interval '25 minutes' end, e.pauses,
       pg_temp.nth('{Glemte at stoppe uret,Uret stoppede for tidligt,Jeg blev for at rydde op}', c.n), c.status,
       pg_temp.text_id('renos.users', e.member + 4),
       case when c.n <= 4 then pg_temp.text_id('renos.users', 3) end, case when c.n <= 4 then e.ended + interval '2 days' end,
       case when c.status = 'rejected' then pg_temp.text_id('renos.users', 4) end, case when c.status = 'rejected' then e.ended + interval '2 days' end,
       case when c.status = 'rejected' then 'Passer ikke med kundens alarm' end,
       e.ended + interval '3 hours', case when c.status = 'pending' then e.ended + interval '3 hours' else e.ended + interval '2 days' end
from (select n, pg_temp.share('{approved,rejected,pending}', '{4,2,3}', n) as status, case when n <= 4 then n + 8 else n * 2 + 9 end as entry from generate_series(1, 9) n) c
join demo_entries e on e.id = c.entry
on conflict do nothing;
