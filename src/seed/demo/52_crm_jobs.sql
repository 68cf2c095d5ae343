-- Demo data of the schema crm, third part: cleaning jobs.

-- 65 jobs of fjordklar (1 to 24 are three weekly series of eight) and 15 of ostby-service, in every state and of every kind.
drop table if exists pg_temp.demo_jobs;
create temporary table demo_jobs on commit drop as
select j.*, c.n as company, c.name as company_name, pg_temp.on_day(j.day, 420 + 30 * pg_temp.rint('crm.cleaning_jobs', j.n, 'start', 0, 11)) as scheduled_at,
       (select min(k.n) from pg_temp.demo_contacts k where k.company = c.n) as contact,
       (select min(d.n) from pg_temp.demo_deals d where d.company = c.n and d.stage = 'closed_won') as deal,
       case j.kind when 'kontorrenhold' then 240 when 'privatrenhold' then 180 when 'flytterenhold' then 480 when 'byggerenhold' then 600 when 'vinduespudsning' then 240
                   when 'taepperens' then 240 when 'specialrengoering' then 360 when 'vedligeholdelse' then 120 when 'dybrengoering' then 480 else 180 end as estimated
from (
  select n, case when n > 65 then 2 else 1 end as tenant, case when n <= 24 then 1 + (n - 1) / 8 end as series, kind, status,
         case when n <= 24 then (select min(d.day) from pg_temp.demo_days d where d.work and d.day >= pg_temp.anchor() + 7 * ((n - 1) % 8 - 5) + (n - 1) / 8 - case when (n - 1) % 8 < 5 then 4 else -1 end)
              when status in ('completed', 'no_show', 'cancelled') then pg_temp.workday(-pg_temp.rint('crm.cleaning_jobs', n, 'day', 2, 200))
              when status in ('in_progress', 'paused') then pg_temp.workday(-1)
              else pg_temp.workday(pg_temp.rint('crm.cleaning_jobs', n, 'day', 1, 28)) end as day
  from (
    select n, case when n <= 24 then pg_temp.nth('{kontorrenhold,kontorrenhold,vedligeholdelse}', 1 + (n - 1) / 8)
                   else pg_temp.nth('{kontorrenhold,privatrenhold,flytterenhold,byggerenhold,vinduespudsning,taepperens,specialrengoering,vedligeholdelse,dybrengoering,akutrengoering}', n - 24) end as kind,
           case when n <= 24 then (array['completed', 'completed', 'completed', 'completed', 'completed', 'confirmed', 'scheduled', 'scheduled'])[1 + (n - 1) % 8]
                when n <= 65 then pg_temp.share('{completed,confirmed,scheduled,in_progress,paused,cancelled,no_show,rescheduled}', '{20,5,6,1,1,4,2,2}', n - 24)
                else pg_temp.share('{completed,confirmed,scheduled,in_progress,cancelled,no_show,rescheduled}', '{7,2,2,1,1,1,1}', n - 65) end as status
    from generate_series(1, 80) n
  ) a
) j
join pg_temp.demo_companies c on c.n = case when j.tenant = 2 then 18 when j.series is not null then j.series else 4 + j.n % 14 end;

-- cleaning_jobs: times agree with the state, finished ones have minutes used and mostly a check of quality.
insert into crm.cleaning_jobs (id, tenant_id, contact_id, company_id, deal_id, assigned_to, title, description, job_type, status, priority, scheduled_at, estimated_duration,
                               actual_duration, started_at, completed_at, address, city, postal_code, location_details, square_meters, recurring_config, equipment_requirements,
                               supply_requirements, special_requirements, price, currency, cost_details, quality_check, customer_signature, created_at, updated_at)
select pg_temp.uuid_id('crm.cleaning_jobs', j.n), pg_temp.uuid_id('crm.tenants', j.tenant), pg_temp.text_id('crm.contacts', j.contact), pg_temp.text_id('crm.companies', j.company),
       pg_temp.text_id('crm.deals', j.deal), pg_temp.uuid_id('crm.users', case when j.tenant = 2 then 10 else 5 + j.n % 3 end),
       k.label || ' - ' || j.company_name, case when j.n % 4 = 0 then 'Nøgle hentes på kontoret kl. 7' end, j.kind, j.status,
       case when j.kind = 'akutrengoering' then 'urgent' else pg_temp.nth('{normal,high,low,normal}', j.n) end, j.scheduled_at, j.estimated,
       x.minutes, x.started_at, x.started_at + make_interval(mins => x.minutes),
       pg_temp.street('crm.companies', j.company), substr(p.place, 6), left(p.place, 4),
       jsonb_build_object('parking', pg_temp.nth('{foran døren,i gården,ved havnen}', j.company), 'access', pg_temp.nth('{nøgle,kode,receptionen}', j.company)),
       y.area, case when j.series is not null then jsonb_build_object('frequency', 'weekly', 'interval', 1, 'end_date', pg_temp.anchor() + 180, 'skip_holidays', true) end,
       case when j.kind in ('vinduespudsning', 'taepperens', 'byggerenhold') then jsonb_build_array(pg_temp.nth('{stige,tæpperenser,industristøvsuger}', j.n)) end,
       jsonb_build_array('universalrens', 'klude'), case j.n % 4 when 0 then '{svanemærket}' when 1 then '{hund}' else '{}' end::text[],
       m.price, 'DKK', jsonb_build_object('base_price', m.price, 'hourly_rate', 279.20, 'supplies', 0, 'equipment', 0, 'total', m.price, 'invoiced', j.status = 'completed' and j.n % 3 > 0),
       case when j.status = 'completed' and j.n % 5 > 0 then jsonb_build_object('score', 3 + j.n % 3, 'remarks', case when j.n % 3 = 0 then 'Hjørner mangler' else 'Fint arbejde' end, 'by', 'Sanne Hvidt') end,
       case when j.status = 'completed' and j.n % 6 = 0 then encode(convert_to('demo signature ' || j.n, 'UTF8'), 'base64') end,
       c.created_at, greatest(c.created_at, x.started_at + make_interval(mins => coalesce(x.minutes, 0)), case when j.status in ('cancelled', 'no_show') then j.scheduled_at end)
from pg_temp.demo_jobs j
cross join lateral (select pg_temp.place('crm.companies', j.company) as place) p
cross join lateral (select case when j.status = 'completed' then j.estimated + 5 * pg_temp.rint('crm.cleaning_jobs', j.n, 'minutes', -5, 9) end as minutes,
                           case when j.status in ('completed', 'in_progress', 'paused') then j.scheduled_at + make_interval(mins => pg_temp.rint('crm.cleaning_jobs', j.n, 'late', 0, 12)) end as started_at) x
cross join lateral (select 10.0 * pg_temp.rint('crm.cleaning_jobs', coalesce(j.series, j.n), 'area', 6, 48) as area) y
cross join lateral (select round(j.estimated / 60.0 * 279.20, 2) as price) m
cross join lateral (select least(j.scheduled_at, pg_temp.at(-1, 900)) - make_interval(hours => 24 * pg_temp.rint('crm.cleaning_jobs', j.n, 'ahead', 7, 35)) as created_at) c
join (values ('kontorrenhold', 'Kontorrengøring'), ('privatrenhold', 'Privat rengøring'), ('flytterenhold', 'Flytterengøring'), ('byggerenhold', 'Håndværkerrengøring'),
             ('vinduespudsning', 'Vinduespudsning'), ('taepperens', 'Tæpperens'), ('specialrengoering', 'Specialrengøring'), ('vedligeholdelse', 'Vedligeholdelse'),
             ('dybrengoering', 'Hovedrengøring'), ('akutrengoering', 'Akut rengøring')) k(kind, label) on k.kind = j.kind
order by j.n
on conflict do nothing;
