-- Demo data of the schema renos: working tables of invoices and mail, gone at the end of the transaction.

-- Invoices: 1 the sample of an hour line and windows, 2 the rounding case, 3-173 one for each job (oldest
-- first; the 17 newest jobs are not invoiced yet), 174-180 four visits each at Nordlys Tandklinik.
create temporary table demo_invoices on commit drop as
with jobs as (
  select b.*, row_number() over (order by day desc, n)::int as r from demo_bookings b where status = 'completed' and n > 30),
visits as (
  select ntile(7) over (order by day) as part, day, worked from demo_bookings where n between 3 and 30),
listed as (
  select case n when 220 then 1 when 219 then 2 else 2 + row_number() over (order by n in (219, 220) , r desc) end::int as n,
         n as booking, customer, plan, day, worked, r, 1 as visits
  from jobs where r > 17
  union all
  select 173 + part, null, 1, 1, max(day), sum(worked)::int, 1000, count(*)::int from visits group by part),
stated as (
  select *, case when r between 18 and 29 then 'draft' when r between 30 and 53 then 'sent' when r in (56, 60, 64, 68, 90, 100, 110, 120) then 'overdue'
                 when r in (75, 85, 95, 105, 115, 125) then 'cancelled' else 'paid' end as status from listed),
dated as (
  select *, case when status = 'draft' then pg_temp.anchor() - 1
                 when status = 'sent' then pg_temp.anchor() - 1 - r % 12
                 when r in (56, 60, 64, 68) then pg_temp.anchor() - 14 - (r - 50) / 2
                 when status = 'overdue' then least(pg_temp.workday_from(day + 1), pg_temp.anchor() - 50)
                 else pg_temp.workday_from(day + 1) end as issued
  from stated)
select d.*, pg_temp.on_day(issued, 540 + n * 2) as issued_at, pg_temp.on_day(issued + 14, 540 + n * 2) as due_at,
       case when status = 'paid' then pg_temp.on_day(least(issued + case when n >= 174 then 3 + n % 6 else pg_temp.rint('renos.invoices', n, 'paid', 2, 22) end, pg_temp.anchor() - 1), 660 + n) end as paid_at,
       'INV-' || extract(year from issued) || '-' || lpad((row_number() over (partition by extract(year from issued) order by issued, n))::text, 3, '0') as number
from dated d;

-- Lines: hours, then tasks with a price of their own, then windows on as many as make 330 lines.
create temporary table demo_lines on commit drop as
with hours as (
  select i.n, 0 as pos, case when i.n >= 174 then 'Ugentlig klinikrengøring, ' || i.visits || ' besøg'
                             else b.service || ', ' || split_part(c.address, ',', 1) end as description,
         case i.n when 1 then 3 when 2 then 0.333 else round(i.worked / 60.0, 2) end::numeric(10, 3) as quantity, 279.20 as price
  from demo_invoices i join demo_customers c on c.n = i.customer left join demo_bookings b on b.n = i.booking),
tasks as (
  select i.n, 1 as pos, t.name as description, 1::numeric(10, 3) as quantity, t.price from demo_invoices i join demo_tasks t on t.plan = i.plan and t.price is not null where i.n <= 173),
fixed as (
  select * from (values (1, 1, 'Vinduespudsning, pr. vindue', 12::numeric(10, 3), 25.00), (2, 1, 'Flytterengøring, afsluttende gennemgang', 1.667, 279.20)) v
  union all
  select n, 1, 'Indvendig vinduespudsning, pr. vindue', 8, 25.00 from demo_invoices where n >= 174),
windows as (
  select n, 1 as pos, 'Vinduespudsning, pr. vindue' as description, pg_temp.rint('renos.invoice_line_items', n, 'windows', 4, 16)::numeric(10, 3) as quantity, 25.00 as price,
         row_number() over (order by pg_temp.rnd('renos.invoice_line_items', n, 'order'), n) as r
  from demo_invoices i where n between 3 and 173 and not exists (select from tasks t where t.n = i.n))
select row_number() over (order by n, pos)::int as id, n as invoice, pos, description, quantity, price::numeric(12, 2) as price, round(quantity * price, 2) as amount
from (select * from hours union all select * from tasks union all select * from fixed
      union all select n, pos, description, quantity, price from windows
                where r <= 330 - (select count(*) from hours) - (select count(*) from tasks) - (select count(*) from fixed)) x;

create temporary table demo_totals on commit drop as
select invoice, sum(amount) as subtotal, round(sum(amount) * 0.25, 2) as vat, sum(amount) + round(sum(amount) * 0.25, 2) as total from demo_lines group by invoice;

-- Threads: 1-54 the enquiries of the converted leads, 55-145 later mail of customers, 146-150 nobody knows whose.
create temporary table demo_threads on commit drop as
with base as (
  select t::int, case when t <= 54 then t when t <= 108 then t - 54 when t <= 124 then t - 54 when t <= 145 then t - 108 end::int as customer,
         (array[1,2,3,4,5,6,7,2,1,1])[1 + (t - 1) % 10] as messages,
         pg_temp.share('{exact_email,domain,message_email,snippet_email,manual,exact_email,""}', '{54,15,10,4,6,56,5}', t) as matched_by
  from generate_series(1, 150) t),
started as (
  select b.*, case when t <= 54 then l.created
                   when t > 145 then pg_temp.at(-3 * (t - 145), 600 + t)
                   else pg_temp.on_day(coalesce(l.day, pg_temp.anchor() - 360) + 8 + floor((pg_temp.anchor() - 12 - coalesce(l.day, pg_temp.anchor() - 360)) * pg_temp.rnd('renos.email_threads', t, 'day'))::int,
                                       pg_temp.rint('renos.email_threads', t, 'minute', 420, 1200)) end as start
  from base b left join demo_leads l on l.n = b.customer and l.n <= 54)
select s.*, c.name, c.contact, c.email, c.domain, c.address, least(pg_temp.rint('renos.email_threads', s.t, 'gap', 400, 1500), floor(extract(epoch from pg_temp.at(0, 0) - s.start) / 60 / s.messages)::int) as gap,
       case s.matched_by when 'domain' then 'bogholderi@' || c.domain
                         when 'manual' then pg_temp.mail(c.contact, 'arbejde.example')
                         when '' then pg_temp.mail(pg_temp.person(400 + s.t), 'ukendt.example')
                         else c.email end as sender,
       to_hex(1700000000000 + s.t * 7919) || 'a' || lpad(to_hex(s.t), 2, '0') as gmail,
       case when s.t <= 54 then 'enquiry' when s.t > 145 then 'enquiry' else pg_temp.nth('{question,invoice,praise,complaint,move,question,praise}', s.t) end as topic
from started s left join demo_customers c on c.n = s.customer;

-- Messages: turns, the first one ours in 21 threads of one message; 264 inbound, 216 outbound. The first
-- answer in 70 threads was written by the assistant. Texts from templates with {navn}, {adresse}, {omraade}, {dag}, {pris}.
create temporary table demo_messages on commit drop as
with turns as (
  select t.*, i::int, t.start + make_interval(mins => (i - 1)::int * t.gap) as sent,
         case when (i % 2 = 1) and not (t.messages = 1 and (t.t % 10 = 9 or t.t in (1, 11, 21, 31, 41, 51))) then 'inbound' else 'outbound' end as direction
  from demo_threads t cross join lateral generate_series(1, t.messages) i),
worded as (
  select x.*, case
    when direction = 'outbound' and messages = 1 then pg_temp.nth(array[
      'Hej {navn}. Tak for sidst. Her er en påmindelse om jeres næste rengøring {dag} på {adresse}. Skriv gerne, hvis noget skal ændres.',
      'Kære {navn}. Vi holder priserne uændret: {pris} kr. i timen pr. person inkl. moms. Tak fordi I er kunde hos os.',
      'Hej {navn}. Vi minder venligt om fakturaen for rengøringen på {adresse}. Den kan betales med bankoverførsel eller mobilepay.'], t)
    when i = 1 and topic = 'enquiry' then pg_temp.nth(array[
      'Hej. Jeg søger hjælp til fast rengøring af vores hjem på {adresse}, cirka {omraade} m2. Hvad koster det, og kan I begynde {dag}?',
      'Hej Fjordklar. Vi flytter snart fra {adresse} og skal have lavet flytterengøring. Boligen er {omraade} m2. Hvornår har I tid?',
      'Goddag. Vi leder efter et fast rengøringsselskab til vores kontor, {omraade} m2, {adresse}. Kan I komme forbi {dag}?',
      'Hej. Kan I give et tilbud på en hovedrengøring på {adresse}? Huset er {omraade} m2, og vi har en hund. Venlig hilsen {navn}',
      'Hej. Jeg fandt jer gennem en bekendt. Vi ønsker rengøring hver anden uge, {omraade} m2, helst om formiddagen. Mvh {navn}',
      'Hej. Vi lejer en lejlighed ud på korttid på {adresse}, og mangler nogen til skift mellem gæster. Er det noget, I tilbyder?',
      'Hej. Hvad tager I for at pudse vinduer ude og inde? Vi bor på {adresse}. Hilsen {navn}'], t)
    when i = 1 and topic = 'question' then pg_temp.nth(array[
      'Hej. Kommer I på det aftalte tidspunkt {dag}? Vi er måske ikke hjemme, men nøglen ligger hos naboen. Mvh {navn}',
      'Hej. Skal vi selv have støvsuger og midler klar, eller har I det med? Hilsen {navn}',
      'Hej. Kan I tage ovnen med næste gang? Vi betaler naturligvis for den ekstra tid. Mvh {navn}',
      'Hej. Bruger I midler uden parfume? Vores yngste har allergi. Hilsen {navn}'], t)
    when i = 1 and topic = 'invoice' then pg_temp.nth(array[
      'Hej. Vi mangler en kopi af den seneste faktura til vores bogholderi. Kan I sende den igen? Mvh {navn}',
      'Hej. På fakturaen står der flere timer end aftalt. Kan I forklare forskellen? Hilsen {navn}',
      'Hej. Kan vi få 30 dages betalingsfrist fremover? Mvh {navn}'], t)
    when i = 1 and topic = 'praise' then pg_temp.nth(array[
      'Hej. Jeg vil bare sige tak. Her var virkelig rent, da vi kom hjem. Hilsen {navn}',
      'Hej. Personalet roser jeres arbejde, især køkkenet og badeværelserne. Tak! Mvh {navn}',
      'Hej. Fint arbejde {dag}. Vi anbefaler jer gerne til andre. Venlig hilsen {navn}',
      'Hej. I var hurtige og grundige med vinduerne. Tusind tak. {navn}'], t)
    when i = 1 and topic = 'complaint' then pg_temp.nth(array[
      'Hej. Vi er ikke tilfredse med badeværelset efter jeres besøg {dag}. Der er stadig kalk på fliserne. Mvh {navn}',
      'Hej. I kom to timer for sent, og der blev ikke støvsuget på første sal. Det er vi skuffede over. {navn}',
      'Hej. Der er kommet en ridse i bordpladen. Hvordan får vi den erstattet? Hilsen {navn}',
      'Hej. Det er anden gang, at affaldet ikke er tømt. Vi forventer, at det bliver rettet. {navn}'], t)
    when i = 1 then pg_temp.nth(array[
      'Hej. Kan vi flytte rengøringen {dag} til ugen efter? Vi har håndværkere. Mvh {navn}',
      'Hej. Vi holder ferie og vil gerne springe næste besøg over. Hilsen {navn}',
      'Hej. Er det muligt at komme en time tidligere {dag}? Mvh {navn}'], t)
    when i = 2 and topic = 'enquiry' then pg_temp.nth(array[
      'Hej {navn}. Tak for din henvendelse. Vores pris er {pris} kr. i timen pr. person inkl. moms. Ud fra {omraade} m2 regner vi med to personer. Passer {dag} dig? Venlig hilsen Fjordklar Rengøring',
      'Kære {navn}. Vi hjælper gerne på {adresse}. Timeprisen er {pris} kr. inkl. moms, og I betaler kun for den brugte tid. Vi kan begynde {dag}.',
      'Hej {navn}. Det vil vi meget gerne. Vi medbringer midler og udstyr, og prisen er {pris} kr. pr. time og person inkl. moms. Skal vi sige {dag}?'], t)
    when direction = 'outbound' and topic = 'complaint' then pg_temp.nth(array[
      'Hej {navn}. Det beklager vi meget. Vi kommer gerne forbi {dag} og retter op uden beregning.',
      'Kære {navn}. Tak fordi du siger det. Jeg har talt med holdet, og vi følger op {dag}. Venlig hilsen Sanne Hvidt'], t + i)
    when direction = 'outbound' then pg_temp.nth(array[
      'Hej {navn}. Tak for din mail. Det ordner vi, og du hører fra os senest {dag}. Venlig hilsen Fjordklar Rengøring',
      'Hej {navn}. Det er noteret på jeres aftale. God dag. Venlig hilsen Fjordklar Rengøring',
      'Kære {navn}. Tak for beskeden. Vi har rettet det i kalenderen, og I får en bekræftelse. Venlig hilsen Fjordklar Rengøring'], t + i)
    else pg_temp.nth(array[
      'Tak for svaret. Det lyder godt, {dag} passer os fint. Hilsen {navn}',
      'Hej igen. Ja tak, det vil vi gerne. Skal vi gøre noget klar inden? Mvh {navn}',
      'Super. Så siger vi det. Hilsen {navn}',
      'Hej. Et spørgsmål mere: kan vi betale med mobilepay? Mvh {navn}'], t + i) end as template
  from turns x)
select row_number() over (order by t, i)::int as id, w.*,
       replace(replace(replace(replace(replace(template, '{navn}', coalesce(contact, pg_temp.person(400 + t))), '{adresse}', split_part(coalesce(address, pg_temp.street('renos.email_threads', t)), ',', 1)),
         '{omraade}', (60 + 5 * (t % 30))::text), '{dag}', pg_temp.nth('{mandag,tirsdag,onsdag,torsdag,fredag}', t + i)), '{pris}', '349') as body,
       case when i = 2 and t <= 108 and direction = 'outbound' and count(*) filter (where i = 2 and t <= 108) over (order by t, i) <= 70
            then count(*) filter (where i = 2 and t <= 108) over (order by t, i) end::int as assistant
from worded w;

analyze demo_invoices, demo_lines, demo_totals, demo_threads, demo_messages;
