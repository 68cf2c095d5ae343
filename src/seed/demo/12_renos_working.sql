-- Demo data of the schema renos: working tables that are gone at the end of the transaction.
-- Customers, plans, bookings, pauses and leads are worked out here first, because the derived
-- figures of the real tables (totals, counts, durations) come from them.

-- Customers: 15 companies (10 named, 5 more), 55 private persons; 15 and 64-70 are no longer active.
create temporary table demo_customers on commit drop as
select n, name, n <= 15 as business, not (n = 15 or n >= 64) as active,
       case when n <= 15 then 'kontakt@' || pg_temp.fold(name, '-') || '.example' else pg_temp.mail(name) end as email,
       case when n <= 15 then pg_temp.fold(name, '-') || '.example' end as domain,
       case when n <= 15 then pg_temp.person(300 + n) else name end as contact,
       pg_temp.phone('renos.customers', n) as phone,
       pg_temp.address('renos.customers', n) as address,
       case when n = 1 then 140 when n <= 15 then 10 * pg_temp.rint('renos.customers', n, 'area', 9, 40) else 5 * pg_temp.rint('renos.customers', n, 'area', 14, 44) end as area
from (select n::int, case when n <= 15 then pg_temp.nth('{Nordlys Tandklinik,Advokathuset Bugten,Kontorhotellet Kajen,Tømrer & Søn,Børnehuset Solsikken,Café Tulipan,Ejerforeningen Ceresgården,Fysioterapi Midt,Arkitekterne Bølge,Revisorgruppen Egå,Galleri Skumringen,Bageriet Rugtoppen,Ingeniørerne Lyngstien,Dyreklinikken Egernhulen,Keramik og Kvist}', n)
                         else pg_temp.person(n - 15) end as name
      from generate_series(1, 70) n) x;

-- Plans: 1-25 the series, 26-33 further active ones, 34-36 templates, 37-40 no longer in use.
create temporary table demo_plans on commit drop as
select n, customer,
       n between 34 and 36 as template, n < 37 as active,
       case when n <= 15 then 'weekly' when n <= 25 then 'biweekly'
            else (array['weekly','biweekly','monthly','monthly','monthly','monthly','once','once','weekly','monthly','once','weekly','biweekly','once','once'])[n - 25] end as frequency,
       case when n = 1 then 6 when n <= 37 then 4 + (n - 2) % 6 when n = 38 then 6 else 7 end as tasks,
       case when n = 1 then 150 else (array[120,135,150,165,180])[1 + n % 5] end as minutes
from (select n::int, case when n <= 14 then n when n <= 25 then n + 1 when n <= 33 then n + 1 when n = 34 then 4 when n = 35 then 16 when n = 36 then 12
                     when n = 37 then 15 else n + 26 end as customer
      from generate_series(1, 40) n) x;

-- Tasks of the plans; the last task of the plans 2 to 21 has a price of its own.
create temporary table demo_tasks on commit drop as
select row_number() over (order by p.n, i)::int as id, p.n as plan, i::int,
       case when p.n = 1 then (array['Klinikrum: overflader og stole','Venteværelse og reception','Gulvvask i alle rum','Toiletter og håndvaske','Personalekøkken','Affald og sterilrum'])[i]
            when i = p.tasks and p.n between 2 and 21 then (array['Indvendig vinduespudsning','Tæpperens i mødelokale'])[1 + p.n % 2]
            else (array['Støvsugning af gulve','Gulvvask','Aftørring af overflader','Køkken: bordplader, vask og komfur','Toiletter og håndvaske','Tømning af affald','Dørgreb og kontakter','Spejle og glasdøre','Fodlister og paneler'])[i] end as name,
       case when p.n = 1 then (array['Cleaning','Cleaning','Cleaning','Bathroom','Kitchen','Special'])[i]
            when i = p.tasks and p.n between 2 and 21 then (array['Windows','Special'])[1 + p.n % 2]
            else (array['Cleaning','Cleaning','Cleaning','Kitchen','Bathroom','Cleaning','Cleaning','Windows','Special'])[i] end as category,
       case when p.n = 1 then (array[30,20,35,25,20,20])[i]
            when i < p.tasks then p.minutes / p.tasks / 5 * 5
            else p.minutes - p.minutes / p.tasks / 5 * 5 * (p.tasks - 1) end as minutes,
       not (i = p.tasks and p.n between 2 and 21) as required,
       case when i = p.tasks and p.n between 2 and 21 then (75 + 25 * (p.n % 8))::numeric(12, 2) end as price
from demo_plans p cross join lateral generate_series(1, p.tasks) i;

-- Days of the jobs. Pairs of cleaners: 1 and 2 take the series, 3 the moving jobs, 4 the rest; for jobs
-- to come and cancelled ones the number only keeps jobs of one day apart.
-- 1-150 series done (1-30 Nordlys Tandklinik, then five of each), 151-196 single jobs done, 197-220
-- moving jobs done, 221-223 under way, 224-306 to come, 307-320 cancelled.
create temporary table demo_days_of_jobs on commit drop as
with week as (select date_trunc('week', pg_temp.anchor()::timestamp)::date as monday),
series as (
  select s::int, case when s <= 14 then s else s + 1 end::int as customer, case when s <= 15 then 7 else 14 end as step,
         case when s <= 9 then 0 when s <= 17 then 84 else 182 end as pause, (s % 5)::int as weekday, case when s = 1 then 30 else 5 end as wanted
  from generate_series(1, 25) s),
done as (
  select s, customer, day, row_number() over (partition by s order by day desc)::int as r, wanted
  from (select s, customer, wanted, k, case when s = 1 then monday else monday - pause end + weekday - step * k as day
        from series, week, generate_series(0, 70) k) x
  where day < pg_temp.anchor() and pg_temp.is_workday(day) and not (extract(week from day) in (29, 30) and (s + k) % 2 = 1)),
ahead as (
  select s, customer, day, row_number() over (partition by s order by day)::int as r
  from (select s, customer, step, k, monday + weekday + step * k as day from series, week, generate_series(0, 8) k) x
  where day > pg_temp.anchor() and pg_temp.is_workday(day) and not (step = 7 and extract(week from day) in (29, 30) and (s + k) % 2 = 1)),
halves as (
  select row_number() over (order by day desc)::int as j, day
  from (select distinct pg_temp.workday_from((m + d)::date) as day
        from generate_series(date_trunc('month', pg_temp.anchor()::timestamp) - interval '14 months', pg_temp.anchor()::timestamp, interval '1 month') m,
             unnest(array[interval '0', interval '14 days']) d) x
  where day < pg_temp.anchor()),
singles as (
  select k::int, case when k in (9, 21, 33) and not pg_temp.is_holiday(day + 6 - extract(isodow from day)::int) then day + 6 - extract(isodow from day)::int else day end as day
  from (select k, case when k % 2 = 1 and k <= 40 and extract(week from pg_temp.workday((-3 - 5 * k)::int)) in (29, 30) then pg_temp.workday((-15 - 5 * k)::int)
                       else pg_temp.workday((-3 - 5 * k)::int) end as day from generate_series(1, 46) k) x)
select case when s = 1 then r else 26 + (s - 2) * 5 + r + 4 end as n, customer, s as plan, 'completed' as status, day, 1 + (s + 1) % 2 as pair, 2 as people,
       null::int as minutes, null::text as service from done where r <= wanted
union all
select 150 + k, case when k <= 28 then 26 + k else 55 + (k - 29) % 9 end, null, 'completed', day, 4, case when k between 4 and 27 then 2 else 1 end,
       case when k between 4 and 25 and k % 3 = 1 then 240 when k = 6 then 180 when k between 4 and 27 then 150 + 30 * (k % 3) else 120 + 30 * (k % 2) end,
       pg_temp.nth('{Privatrengøring,Hovedrengøring,Vinduer,Airbnb,Privatrengøring,Hovedrengøring}', k) from singles
union all
select 196 + j, case when j = 17 then 15 when j <= 16 then 37 + j else 46 + j end, null, 'completed', day, 3, 2,
       case when j = 24 then 180 when j = 23 then 120 when j <= 12 and j % 2 = 0 then 420 else 240 + 30 * (j % 4) end, 'Flytterengøring' from halves where j <= 24
union all
select 220 + i, 26 + i, null, 'in_progress', case when pg_temp.is_workday(pg_temp.anchor()) then pg_temp.anchor() else pg_temp.workday(-1) end,
       5 - i, 1, 180, pg_temp.nth('{Privatrengøring,Hovedrengøring,Airbnb}', i) from generate_series(1, 3) i
union all
select 223 + s + (r - 1) * 25, customer, s, case r when 1 then 'confirmed' else 'scheduled' end, day, 1 + s % 3, 2, null, null from ahead where r <= 2
union all
select 273 + m, 27 + (m * 5) % 28, null, case when m <= 15 then 'scheduled' when m <= 23 then 'pending' else 'rescheduled' end,
       pg_temp.workday((1 + (m * 9) % 28)::int), 4 + m % 2, 2, 120 + 30 * (m % 4), pg_temp.nth('{Flytterengøring,Hovedrengøring,Privatrengøring,Vinduer,Erhverv}', m)
from generate_series(1, 33) m
union all
select 306 + q, 26 + q * 2, null, 'cancelled', case when q <= 10 then pg_temp.workday((-7 - 11 * q)::int) else pg_temp.workday((q - 5)::int) end,
       6, 1, 120 + 30 * (q % 3), pg_temp.nth('{Hovedrengøring,Flytterengøring,Privatrengøring}', q) from generate_series(1, 14) q;

-- Minutes worked: mostly 84 to 116 % of the estimate, some far off; 14 jobs run over by an hour or more.
create temporary table demo_work on commit drop as
select n::int, customer::int, plan::int, status, day, pair::int, people, coalesce(minutes, plan_minutes) as estimate, lead_days, delay,
       coalesce(service, case when customer <= 15 then pg_temp.nth('{office_cleaning,Erhverv}', customer) else 'Fast Rengøring' end) as service,
       case when status <> 'completed' then null when n = 156 then 195 when n in (219, 220) then minutes
            when minutes = 420 then 490 + spare * 4 when minutes = 240 and n between 154 and 175 then 302 + spare * 4
            when n % 17 = 0 then round(coalesce(minutes, plan_minutes) / 1.36) when plan is null and n % 19 = 0 then round(coalesce(minutes, plan_minutes) / 0.76)
            else round(coalesce(minutes, plan_minutes) / (0.84 + 0.16 * r1 + 0.16 * r2)) end::int as worked
from (select d.*, p.minutes as plan_minutes, pg_temp.rint('renos.bookings', d.n, 'spare', 0, 8) as spare, pg_temp.rint('renos.bookings', d.n, 'delay', 0, 8) as delay,
             pg_temp.rint('renos.bookings', d.n, 'lead', 1, 5) as lead_days,
             pg_temp.rnd('renos.bookings', d.n, 'r1')::numeric as r1, pg_temp.rnd('renos.bookings', d.n, 'r2')::numeric as r2
      from demo_days_of_jobs d left join demo_plans p on p.n = d.plan) x;

-- Pauses of the jobs done, 249: none, one or two; lunch three in five. The open one is added with the rows.
create temporary table demo_breaks on commit drop as
select id, booking, i, reason, minutes, share, sum(minutes) over (partition by booking order by i) - minutes as before
from (select id, booking, i, reason, case when booking = 156 then 30 when reason = 'lunch' then 20 + 5 * (id % 3) else 5 + 5 * (id % 2) end as minutes,
             case i when 1 then 0.4 else 0.75 end as share
      from (select id, booking, i, pg_temp.share('{lunch,transport,equipment,bathroom,other}', '{149,40,25,25,10}', pg_temp.spread(id, 249)) as reason
            from (select row_number() over (order by (w.n = 156) desc, w.n, i)::int as id, w.n as booking, i::int
                  from demo_work w
                  cross join lateral generate_series(1, case w.n % 5 when 0 then 0 when 4 then 2 else 1 end + case when w.n % 5 = 1 and w.n <= 141 then 1 else 0 end) i
                  where w.status = 'completed') a) b) c;

-- Bookings with their times: the jobs of a pair follow one another from 07:30.
create temporary table demo_bookings on commit drop as
with timed as (
  select w.*, coalesce((select sum(minutes) from demo_breaks b where b.booking = w.n), 0)::int as pauses from demo_work w),
placed as (
  select t.*, case when status = 'cancelled' then 540
                   when status = 'in_progress' then case when pg_temp.is_workday(pg_temp.anchor()) then 450 + 15 * (n - 221) else 1005 end
                   else 450 + coalesce(sum(greatest(estimate, worked + pauses + delay) / 15 * 15 + 30) over (partition by day, pair, status in ('cancelled', 'in_progress') order by n rows between unbounded preceding and 1 preceding), 0) end::int as minute
  from timed t)
select p.*, pg_temp.on_day(day, minute) as planned,
       case when status in ('completed', 'in_progress') then pg_temp.on_day(day, minute + delay) end as started,
       case when status = 'completed' then pg_temp.on_day(day, minute + delay + worked + pauses) end as ended,
       case when customer <= 54 then customer end as lead,
       case when day > pg_temp.anchor() then pg_temp.at(-1 - lead_days * 2, 600 + n) else pg_temp.on_day(day - lead_days, 600 + n) end as created
from placed p;

-- Leads: 1-54 converted (one for each of the first 54 customers), then 55-76 quote_sent, 77-94
-- awaiting_response, 95-107 quoted, 108-125 new, 126-143 contacted, 144-157 qualified, 158-176 lost,
-- 177-180 conflict. 124 and 125 are one person asking twice; 110, 135 and 160 left no mail.
create temporary table demo_leads on commit drop as
with base as (
  select n::int, case when n <= 54 then n when n between 126 and 131 then n - 71 when n in (148, 149) then n - 87 when n between 174 and 176 then n - 110
                 when n >= 177 then (array[20, 31, 40, 52])[n - 176] end::int as customer,
         pg_temp.share('{converted,quote_sent,awaiting_response,quoted,new,contacted,qualified,lost,conflict}', '{54,22,18,13,18,18,14,19,4}', n) as status,
         pg_temp.share('{website_form,email,referral,rengoring_nu,rengoring_aarhus,phone,google_ads,website,social_media,adhelp}', '{53,36,27,27,14,12,8,1,1,1}', pg_temp.spread(n, 180)) as source
  from generate_series(1, 180) n),
dated as (
  select b.*, case
      when status = 'converted' then (select min(day) from demo_bookings k where k.customer = b.customer) - pg_temp.rint('renos.leads', n, 'day', 12, 25)
      when status = 'quote_sent' then pg_temp.anchor() - pg_temp.rint('renos.leads', n, 'day', 3, 18)
      when status = 'awaiting_response' and n <= 84 then pg_temp.anchor() - pg_temp.rint('renos.leads', n, 'day', 12, 25)
      when status = 'awaiting_response' then pg_temp.anchor() - pg_temp.rint('renos.leads', n, 'day', 45, 75)
      when status = 'quoted' then pg_temp.anchor() - pg_temp.rint('renos.leads', n, 'day', 3, 12)
      when n = 124 then pg_temp.anchor() - 5 when n = 125 then pg_temp.anchor() - 2
      when status = 'new' then pg_temp.anchor() - pg_temp.rint('renos.leads', n, 'day', 1, 5)
      when status = 'contacted' then pg_temp.anchor() - pg_temp.rint('renos.leads', n, 'day', 2, 15)
      when status = 'qualified' then pg_temp.anchor() - pg_temp.rint('renos.leads', n, 'day', 5, 40)
      when status = 'conflict' then pg_temp.anchor() - pg_temp.rint('renos.leads', n, 'day', 10, 40)
      -- Lost ones lie over the year, more of them in spring and before Christmas: the better of three days.
      else (select pg_temp.anchor() - d from (select pg_temp.rint('renos.leads', n, 'day' || i, 21, 350) as d, i from generate_series(1, 3) i) x
            order by (extract(month from pg_temp.anchor() - d) in (3, 4, 5, 11, 12))::int desc, i limit 1) end as day
  from base b)
select d.n, d.customer, d.status, d.source, d.day, pg_temp.on_day(d.day, pg_temp.rint('renos.leads', d.n, 'minute', 420, 1260)) as created,
       coalesce(c.business, d.n % 8 = 0) as business,
       coalesce(c.contact, pg_temp.person(100 + case d.n when 125 then 124 else d.n end)) as name,
       case when d.n in (110, 135, 160) then null else coalesce(c.email, pg_temp.mail(pg_temp.person(100 + case d.n when 125 then 124 else d.n end))) end as email,
       coalesce(c.phone, pg_temp.phone('renos.leads', case d.n when 125 then 124 else d.n end)) as phone,
       coalesce(c.address, pg_temp.address('renos.leads', case d.n when 125 then 124 else d.n end)) as address,
       coalesce(case when d.n <= 54 then c.area end, case d.n when 55 then 160 when 125 then 85 when 124 then 85 else 5 * pg_temp.rint('renos.leads', d.n, 'area', 7, 80) end) as area,
       coalesce(case when c.business then c.name end, case when d.n % 8 = 0 then 'Firma ' || pg_temp.family(d.n) || ' og ' || pg_temp.family(d.n / 2 + 7) end) as company,
       case when coalesce(c.business, d.n % 8 = 0) then 'Erhverv' when d.n = 55 then 'Flytterengøring'
            when d.n <= 54 then coalesce((select case when k.service in ('Fast Rengøring') then 'Fast rengøring' else k.service end from demo_bookings k where k.customer = d.customer order by k.day, k.n limit 1), 'Privatrengøring')
            else pg_temp.pick_weighted('{Privatrengøring,Flytterengøring,Hovedrengøring,Airbnb,Vinduer,Fast rengøring}', '{25,22,15,8,10,20}', pg_temp.rnd('renos.leads', d.n, 'task')) end as task
from dated d left join demo_customers c on c.n = d.customer;

-- Offers: 1-54 accepted, 55 a second one of lead 3, 56-85 sent, 86-95 expired, 96-105 drafts, 106-120 rejected.
create temporary table demo_quotes on commit drop as
select q.n, q.status, l.n as lead, l.created + interval '1 day' as created, l.created + case when q.n = 55 then interval '40 days' else interval '5 days' end as decided,
       case when q.n = 56 then 8.00
            else greatest(2, ceil(2.0 * l.area / case l.task when 'Flytterengøring' then 20 when 'Hovedrengøring' then 15 when 'Erhverv' then 35 when 'Airbnb' then 25 when 'Vinduer' then 100 else 30 end) / 2) end::numeric(8, 2) as hours
from (select n::int, pg_temp.share('{accepted,sent,expired,draft,rejected}', '{55,30,10,10,15}', n) as status,
             (case when n <= 54 then n when n = 55 then 3 when n <= 105 then n - 1 else n + 52 end)::int as lead
      from generate_series(1, 120) n) q join demo_leads l on l.n = q.lead;

-- Worked time: one entry for each cleaner of a job done (418), and two that still run.
create temporary table demo_entries on commit drop as
select row_number() over (order by b.n, member)::int as id, b.n as booking, b.lead, member::int, b.day, b.started, b.ended, b.pauses, b.worked, b.estimate
from demo_bookings b cross join lateral generate_series(b.pair * 2 - 1, b.pair * 2 - 2 + b.people) member
where b.status = 'completed' or b.n in (221, 222);

create unique index on demo_bookings (n);
create index on demo_bookings (customer);
create unique index on demo_leads (n);
analyze demo_customers, demo_plans, demo_tasks, demo_bookings, demo_breaks, demo_leads, demo_quotes;
