-- Demo data of the schema crm, first part: tenants, users, and the staged rows that the second part
-- stores. Staging comes first because derived columns (last contact, deal value, daily figures) are
-- computed from rows that refer to the rows that hold them.

-- tenants: fjordklar, ostby-service for tests of isolation, an enterprise that is switched off.
insert into crm.tenants (id, name, slug, domain, cvr_number, address, city, postal_code, country, phone, email,
                         subscription_tier, max_users, max_jobs, settings, is_active, created_at, updated_at)
select pg_temp.uuid_id('crm.tenants', n), name, slug, slug || '.example', pg_temp.cvr('crm.tenants', n), address, city, zip, 'Denmark',
       pg_temp.phone('crm.tenants', n), 'kontakt@' || slug || '.example', tier, users, jobs, settings::jsonb, active, pg_temp.at(-days, 540), pg_temp.at(-days, 540)
from (values
  (1, 'Fjordklar Rengøring ApS', 'fjordklar', 'Industriparken 901', 'Aarhus C', '8000', 'professional', 25, 500,
      '{"timezone": "Europe/Copenhagen", "currency": "DKK", "language": "da", "duplicate_window_hours": 168}', true, 365),
  (2, 'Østby Service', 'ostby-service', 'Teglværksvej 912', 'Randers C', '8900', 'basic', 5, 100,
      '{"timezone": "Europe/Copenhagen", "currency": "DKK", "language": "da", "duplicate_window_hours": 72}', true, 330),
  (3, 'Havtornen Facility A/S', 'havtornen-facility', 'Havnegade 933', 'Horsens', '8700', 'enterprise', 200, 5000,
      '{"timezone": "Europe/Copenhagen", "currency": "DKK", "language": "en"}', false, 350)
) t(n, name, slug, address, city, zip, tier, users, jobs, settings, active, days)
on conflict do nothing;

-- users: eight of fjordklar, three of ostby-service, all five roles, the persons of shared.users where they are there.
insert into crm.users (id, tenant_id, shared_user_id, email, name, phone, role, is_active, last_login_at, created_at, updated_at)
select pg_temp.uuid_id('crm.users', u.n), pg_temp.uuid_id('crm.tenants', u.tenant), s.id, coalesce(s.email, u.email), coalesce(s.name, u.name),
       pg_temp.phone('crm.users', u.n), u.role, u.active, case when u.active then pg_temp.at(-1 - u.n % 3, 430 + u.n * 7) end,
       pg_temp.at(-330 + u.n * 3, 600), pg_temp.at(-330 + u.n * 3, 600)
from (values
  (1, 1, 2, 'maja.lindkaer@fjordklar.example', 'Maja Lindkær', 'tenant_admin', true),
  (2, 1, 16, 'drift@fjordklar.example', 'Drift Fjordklar', 'super_admin', true),
  (3, 1, 4, 'sanne.hvidt@fjordklar.example', 'Sanne Hvidt', 'team_leader', true),
  (4, 1, 5, 'ali.rahimi@fjordklar.example', 'Ali Rahimi', 'team_leader', true),
  (5, 1, 6, 'karen.juel@fjordklar.example', 'Karen Juel', 'cleaner', true),
  (6, 1, 7, 'tobias.vang@fjordklar.example', 'Tobias Vang', 'cleaner', true),
  (7, 1, 8, 'elif.demir@fjordklar.example', 'Elif Demir', 'cleaner', true),
  (8, 1, 14, 'portal@fjordklar.example', 'Portal Fjordklar', 'customer', true),
  (9, 2, 18, 'leder@ostby-service.example', 'Leder Østby', 'tenant_admin', true),
  (10, 2, null, 'vibe.isager@ostby-service.example', 'Vibe Isager', 'team_leader', true),
  (11, 2, null, 'aksel.kvist@ostby-service.example', 'Aksel Kvist', 'cleaner', false)
) u(n, tenant, person, email, name, role, active)
left join shared.users s on s.id = pg_temp.uuid_id('shared.users', u.person)
on conflict do nothing;

-- 45 companies in blocks: 18 customers, 8 active, 15 prospects, 4 inactive, 18, 26 and 41 are of ostby-service.
drop table if exists pg_temp.demo_companies;
create temporary table demo_companies on commit drop as
select n, case when n in (18, 26, 41) then 2 else 1 end as tenant, names[n] as name, replace(pg_temp.fold(names[n]), '.', '-') as slug, trades[n] as industry,
       pg_temp.share('{customer,active,prospect,inactive}', '{18,8,15,4}', n) as status,
       case when n in (13, 45) then '500+' when n in (3, 34, 38) then '201-500' else pg_temp.nth('{1-10,11-50,1-10,51-200,11-50}', n) end as size,
       case when n in (18, 26, 41) then 9 + n % 2 else pg_temp.nth('{1,3,4}', n)::int end as owner
from generate_series(1, 45) n,
     (select '{Nordlys Tandklinik,Advokathuset Bugten,Kontorhotellet Kajen,Tømrer & Søn,Børnehuset Solsikken,Café Tulipan,
               Ejerforeningen Ceresgården,Fysioterapi Midt,Arkitekterne Bølge,Revisorgruppen Egå,Dyreklinikken Poten,Bogforlaget Sandkorn,
               Havnens Lagerhotel,Trykkeriet Spalten,Friskolen Lærken,Optikeren Klarsyn,Ejerforeningen Mosebakken,Køkkenlageret Grydeskab,
               Motionshuset Pulsslag,Blomsterhuset Anemone,Bogholderiet Kystlinjen,Møbelsnedkeriet Fyrren,Ingeniørkontoret Vinkel,Kroen ved Aaen,
               Frisøren Lokkeblad,Cykelhuset Egerhjul,Bageriet Kerneskrub,Lægehuset Skoven,IT-Værkstedet Bit,Elektrikeren Gnist,Galleri Lysningen Otte,
               Vandrehjemmet Stien,Malerfirmaet Penselgrøn,Autohallen Hjulspor,Musikskolen Tonefald,Grafisk Tegnestue Streg,Teltudlejning Fest,
               Hotel Klitmåge,Ejendomskontoret Taget,Gartneriet Spire,Smedjen Ambolthuset,Butik Sølvtråd,Rejsebureauet Kompas,Vaskeriet Boblehav,
               Spedition Havstrøm}'::text[] as names,
             '{tandlæge,advokat,kontorhotel,håndværk,institution,café,ejerforening,sundhed,arkitekt,revision,dyrlæge,forlag,lager,trykkeri,
               skole,butik,ejerforening,lager,fitness,butik,revision,håndværk,ingeniør,restauration,frisør,butik,bageri,sundhed,it,håndværk,
               kultur,hotel,håndværk,auto,skole,design,udlejning,hotel,ejendomme,gartneri,håndværk,butik,rejser,vaskeri,transport}'::text[] as trades) x;

-- 120 contacts: 90 in companies (1 to 4 each), 30 on their own, the last two of these of ostby-service.
drop table if exists pg_temp.demo_contacts;
create temporary table demo_contacts on commit drop as
select p.*, row_number() over (partition by tenant, status = 'inactive' order by n) as no, pg_temp.mail(name, coalesce(slug || '.example', 'post.example')) as email
from (
  select g.n, m.company, coalesce(c.tenant, case when g.n > 118 then 2 else 1 end) as tenant, c.slug, pg_temp.person(200 + g.n) as name,
         case c.status when 'prospect' then 'lead' when 'inactive' then 'inactive' else case when g.n = 118 then 'inactive' else 'active' end end as status,
         coalesce(c.owner, case when g.n > 118 then 10 else pg_temp.nth('{1,3,4}', g.n)::int end) as owner
  from generate_series(1, 120) g(n)
  left join (select i as company, row_number() over (order by i, k) as m
             from generate_series(1, 45) i, generate_series(1, case when i = 45 then 2 else ('{1,2,1,4}'::int[])[1 + (i - 1) % 4] end) k) m on m.m = g.n
  left join pg_temp.demo_companies c on c.n = m.company
) p;
create unique index on demo_contacts (n);
create index on demo_contacts (tenant, no);

-- 70 deals: won ones belong to customers, open ones to prospects and active companies, lost ones to prospects and inactive ones, 66 to 70 are of ostby-service.
drop table if exists pg_temp.demo_deals;
create temporary table demo_deals on commit drop as
select x.*, c.owner, c.name as company_name, c.size, (select min(k.n) from pg_temp.demo_contacts k where k.company = x.company) as contact,
       pg_temp.on_day(pg_temp.workday(x.opened), pg_temp.rint('crm.deals', x.n, 'time', 480, 960)) as created_at,
       case when x.closed then pg_temp.on_day(pg_temp.workday(x.opened + pg_temp.rint('crm.deals', x.n, 'length', 6, least(40, -x.opened - 1))), pg_temp.rint('crm.deals', x.n, 'end', 540, 960)) end as closed_at
from (
  select s.*, stage like 'closed%' as closed,
         case when tenant = 2 then case stage when 'closed_won' then 18 when 'closed_lost' then 41 else 26 end
              when stage = 'closed_won' then 1 + (no - 1) % 17
              when stage = 'closed_lost' then ('{27,42,30,43,33,44,36,45,39,28,31}'::int[])[1 + (no - 1) % 11]
              when stage = 'negotiation' then 19 + (no - 1) % 7
              when stage = 'proposal' then 27 + (no - 1) % 14
              else 40 - (no - 1) % 14 end as company,
         case when stage like 'closed%' then -pg_temp.rint('crm.deals', n, 'opened', 15, 230) else -pg_temp.rint('crm.deals', n, 'opened', 2, 60) end as opened,
         case when tenant = 1 and stage = 'proposal' and no in (3, 7) then 'EUR' else 'DKK' end as currency
  from (select n, tenant, stage, (row_number() over (partition by tenant, stage order by n))::int as no, (row_number() over (partition by stage = 'qualification' order by n))::int as priced
        from (select n, case when n > 65 then 2 else 1 end as tenant,
                     pg_temp.share('{qualification,proposal,negotiation,closed_won,closed_lost}', '{14,13,9,22,12}', pg_temp.spread(n, 70)) as stage
              from generate_series(1, 70) n) a) s
) x join pg_temp.demo_companies c on c.n = x.company;

-- 110 lines: one to three for each deal past qualification, the first line of the first won deal is 52 x 1,450.00 less 10 percent.
drop table if exists pg_temp.demo_deal_lines;
create temporary table demo_deal_lines on commit drop as
select row_number() over (order by deal, k) as n, l.*, round(quantity * unit_price * (1 - discount / 100.0), 2) as total
from (
  select d.n as deal, d.tenant, d.created_at, k, product, quantity, case when d.currency = 'EUR' then round(price / 7.46, 2) else price end as unit_price,
         case when sample and k = 1 then 10 else pg_temp.nth('{0,0,5,0,10,0,15}', d.n + k * 3)::int end::numeric(5, 2) as discount
  from (select *, tenant = 1 and stage = 'closed_won' and no = 1 as sample,
               case when tenant = 1 and stage = 'closed_won' and no = 1 then 1450
                    else 10 * case case when currency = 'EUR' then '51-200' else size end when '1-10' then pg_temp.rint('crm.deals', n, 'price', 14, 60) when '11-50' then pg_temp.rint('crm.deals', n, 'price', 60, 140)
                                        when '51-200' then pg_temp.rint('crm.deals', n, 'price', 140, 300) when '201-500' then pg_temp.rint('crm.deals', n, 'price', 300, 480)
                                        else pg_temp.rint('crm.deals', n, 'price', 480, 620) end end::numeric(12, 2) as weekly
        from pg_temp.demo_deals where stage <> 'qualification') d
  cross join lateral generate_series(1, pg_temp.share('{1,2,3}', '{14,30,12}', pg_temp.spread(d.priced, 56))::int) k
  cross join lateral (select case k when 1 then 1 else 2 + (d.n + k) % 3 end as kind) q
  cross join lateral (values
    (1, 'Kontorrengøring, ugentlig', 52, d.weekly),
    (2, 'Vinduespudsning, kvartalsvis', 4, round(d.weekly * 0.6 + 250, -1)),
    (3, 'Tæpperens', 1 + d.n % 2, round(d.weekly * 1.1 + 400, -1)),
    (4, 'Forbrugsartikler, månedlig pakke', 12, pg_temp.rint('crm.deals', d.n, 'supplies', 19, 99) * 5::numeric(12, 2))
  ) p(which, product, quantity, price)
  where p.which = q.kind
) l;

-- 220 mails: 140 from us, 80 replies, 136 to 140 and their replies 216 to 220 are of ostby-service.
drop table if exists pg_temp.demo_emails;
create temporary table demo_emails on commit drop as
with outbound as (
  select n, n as thread, case when n > 135 then 2 else 1 end as tenant, 'outbound' as direction,
         case when n <= 45 then 'opened' when n <= 65 then 'clicked' when n <= 95 then 'delivered' when n between 131 and 132 then 'draft' when n between 133 and 135 then 'bounced' else 'sent' end as status,
         pg_temp.on_day(pg_temp.workday(case when n between 131 and 132 then -1 else -pg_temp.rint('crm.emails', n, 'day', 4, 230) end), pg_temp.rint('crm.emails', n, 'time', 480, 960)) as moment
  from generate_series(1, 140) n
), every as (
  select * from outbound
  union all
  select 140 + row_number() over (order by n), n, tenant, 'inbound', 'received', moment + make_interval(mins => pg_temp.rint('crm.emails', n, 'reply', 700, 1500))
  from outbound where n <= 75 or n > 135
)
select e.*, c.n as contact, c.name as contact_name, c.email as contact_email, c.company, u.n as owner, u.name as owner_name, u.email as owner_email, pg_temp.rint('crm.emails', e.thread, 'topic', 1, 8) as topic
from every e
join pg_temp.demo_contacts c on c.status <> 'inactive' and c.tenant = e.tenant
     and c.no = 1 + (e.thread * 7) % (select count(*) from pg_temp.demo_contacts m where m.tenant = e.tenant and m.status <> 'inactive')
join (select row_number() over (order by tenant_id = pg_temp.uuid_id('crm.tenants', 2), created_at) as n, name, email from crm.users
      where id in (select pg_temp.uuid_id('crm.users', g) from generate_series(1, 11) g)) u on u.n = c.owner;

-- 90 to-dos, 85 to 90 are of ostby-service.
drop table if exists pg_temp.demo_tasks;
create temporary table demo_tasks on commit drop as
select t.*, c.n as contact, c.company, c.name as contact_name, c.owner,
       pg_temp.on_day(pg_temp.workday(case when t.status = 'todo' and t.no <= 6 then -pg_temp.rint('crm.tasks', t.n, 'due', 1, 10)
                                           when t.status = 'todo' then pg_temp.rint('crm.tasks', t.n, 'due', 1, 25)
                                           when t.status = 'in_progress' then pg_temp.rint('crm.tasks', t.n, 'due', 1, 8)
                                           else -pg_temp.rint('crm.tasks', t.n, 'due', 3, 200) end), 960) as due_date,
       case when t.status = 'done' then pg_temp.on_day(pg_temp.workday(-pg_temp.rint('crm.tasks', t.n, 'due', 3, 200) + 1 - t.n % 4), pg_temp.rint('crm.tasks', t.n, 'time', 500, 980)) end as completed_at,
       pg_temp.nth('{Ring til %s om tilbuddet,Send kontrakt til %s,Aftal besigtigelse med %s,Følg op på mail til %s,Opdatér adresse hos %s,Bestil nøgle til %s,Spørg %s om en anbefaling,Indhent opmåling fra %s}', t.n) as pattern
from (select n, tenant, status, row_number() over (partition by status order by n) as no
      from (select n, case when n > 84 then 2 else 1 end as tenant, pg_temp.share('{todo,in_progress,done,cancelled}', '{35,10,40,5}', pg_temp.spread(n, 90)) as status
            from generate_series(1, 90) n) a) t
join pg_temp.demo_contacts c on c.status <> 'inactive' and c.tenant = t.tenant
     and c.no = 1 + (t.n * 11) % (select count(*) from pg_temp.demo_contacts m where m.tenant = t.tenant and m.status <> 'inactive');

-- 400 activities: 120 calls, 130 of the mails, 60 meetings, 70 notes, 20 of the finished to-dos.
drop table if exists pg_temp.demo_activities;
create temporary table demo_activities on commit drop as
with own as (
  select n, pg_temp.share('{call,meeting,note}', '{120,60,70}', n) as type, case when n % 16 = 0 then 2 else 1 end as tenant,
         pg_temp.on_day(pg_temp.workday(-pg_temp.rint('crm.activities', n, 'day', 1, 230)), pg_temp.rint('crm.activities', n, 'time', 480, 960)) as occurred_at
  from generate_series(1, 250) n
), every as (
  select o.n, o.type, o.tenant, o.occurred_at, c.n as contact, c.company, c.owner, c.name as contact_name, null::text as subject
  from own o join pg_temp.demo_contacts c on c.tenant = o.tenant and c.status <> 'inactive'
       and c.no = 1 + (o.n * 13) % (select count(*) from pg_temp.demo_contacts m where m.tenant = o.tenant and m.status <> 'inactive')
  union all
  select 250 + row_number() over (order by n), 'email', tenant, moment, contact, company, owner, contact_name,
         case when direction = 'inbound' then 'Svar modtaget fra ' else 'Mail sendt til ' end || contact_name
  from pg_temp.demo_emails where n <= 120 or n between 136 and 140 or n > 215
  union all
  select 380 + t.rank, 'task_completed', tenant, completed_at, contact, company, owner, contact_name, replace(pattern, '%s', contact_name)
  from (select *, row_number() over (order by n desc) as rank from pg_temp.demo_tasks where status = 'done') t where t.rank <= 20
)
select e.*, (select min(d.n) from pg_temp.demo_deals d where d.company = e.company and d.created_at <= e.occurred_at and (d.closed_at is null or d.closed_at >= e.occurred_at)) as deal,
       case when e.type = 'call' then pg_temp.nth('{successful,no_answer,successful,unsuccessful,successful}', e.n) when e.type = 'meeting' then pg_temp.nth('{successful,successful,unsuccessful}', e.n) end as outcome
from every e;

-- What each contact went through, from which its own dates follow.
drop table if exists pg_temp.demo_contact_dates;
create temporary table demo_contact_dates on commit drop as
select c.n, c.company, (select max(a.occurred_at) from pg_temp.demo_activities a where a.contact = c.n and a.type in ('call', 'email', 'meeting')) as last_contact_at,
       coalesce((select min(m) from (select occurred_at as m from pg_temp.demo_activities a where a.contact = c.n
                                     union all select moment from pg_temp.demo_emails e where e.contact = c.n
                                     union all select created_at from pg_temp.demo_deals d where d.contact = c.n) x), pg_temp.at(-90, 600))
       - make_interval(hours => 24 * pg_temp.rint('crm.contacts', c.n, 'age', 2, 20)) as created_at
from pg_temp.demo_contacts c;
