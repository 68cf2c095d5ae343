-- Demo data of the schema renos: checklists, assessments, photos.

-- renos.quality_checklists, 7: five active; standard and moveout have an older version.
insert into renos.quality_checklists (id, service_type, name, description, items, is_active, version, created_at, updated_at)
select pg_temp.text_id('renos.quality_checklists', c.n), c.service, c.name, c.description,
       (select jsonb_agg(jsonb_build_object('id', 'punkt-' || o, 'title', split_part(i, '=', 1), 'required', o <= 3, 'photo_required', o = 1, 'order', o, 'points', split_part(i, '=', 2)::int) order by o)
        from unnest(c.items) with ordinality u(i, o)),
       c.active, c.version, pg_temp.at(-360 + c.n + case when c.version = 2 then 90 else 0 end, 600), case when c.active then pg_temp.at(-360 + c.n + case when c.version = 2 then 90 else 0 end, 600) else pg_temp.at(-269 + c.n, 600) end
from (values
  (1, 'standard', 'Fast rengøring', 'Første udgave', array['Gulve=10', 'Overflader=8', 'Badeværelse=8'], false, 1),
  (2, 'standard', 'Fast rengøring', 'Med køkken og affald', array['Gulve=8', 'Overflader=7', 'Badeværelse=8', 'Køkken=7', 'Affald=5'], true, 2),
  (3, 'deep', 'Hovedrengøring', null, array['Bag møbler=10', 'Paneler og døre=9', 'Ovn og emhætte=9'], true, 1),
  (4, 'window', 'Vinduespudsning', null, array['Ruder ude=8', 'Ruder inde=8', 'Karme=6', 'Striber=5'], true, 1),
  (5, 'moveout', 'Flytterengøring', 'Første udgave', array['Alle rum tomme=8', 'Klar til aflevering=10'], false, 1),
  (6, 'moveout', 'Flytterengøring', 'Med skabe og afløb', array['Skabe indvendigt=9', 'Afløb og fuger=9', 'Vinduer=8', 'Klar til aflevering=10'], true, 2),
  (7, 'office', 'Erhvervsrengøring', null, array['Skriveborde=7', 'Mødelokaler=7', 'Toiletter=9', 'Køkken=7', 'Alarm og nøgle=10'], true, 1)
) c(n, service, name, description, items, active, version)
on conflict do nothing;

-- renos.quality_assessments, 60: stars 5: 28, 4: 20, 3: 7, 2: 4, 1: 1. Fewer stars leave more items undone.
insert into renos.quality_assessments (id, lead_id, checklist_id, assessed_by, completed_items, overall_score, percentage_score, total_points_earned, max_possible_points, notes, status, created_at, updated_at)
select pg_temp.text_id('renos.quality_assessments', a.n), pg_temp.text_id('renos.leads', a.lead), c.id, pg_temp.text_id('renos.users', 3 + a.n % 2), k.items, a.stars,
       round(100.0 * k.earned / k.possible), k.earned, k.possible,
       case when a.stars <= 2 then 'Kunden er ringet op, der rettes op uden beregning' when a.stars = 5 and a.n % 4 = 0 then 'Meget flot arbejde' end,
       a.status, a.ended + interval '1 hour', case when a.status = 'reviewed' then a.ended + interval '20 hours' else a.ended + interval '1 hour' end
from (select g.n, pg_temp.share('{5,4,3,2,1}', '{28,20,7,4,1}', pg_temp.spread(g.n, 60))::int as stars, pg_temp.share('{completed,reviewed,in_progress}', '{45,12,3}', pg_temp.spread(g.n, 60, 17)) as status,
             b.lead, b.ended, case when b.service in ('office_cleaning', 'Erhverv') then 7 when b.service = 'Flytterengøring' then 6 when b.service = 'Hovedrengøring' then 3 when b.service = 'Vinduer' then 4
                                   when b.ended < pg_temp.at(-270, 0) then 1 else 2 end as list
      from (select row_number() over (order by ended desc, n) as r, lead, ended, service from demo_bookings where status = 'completed' and lead is not null) b
      join generate_series(1, 60) g(n) on b.r = g.n * 2) a
join renos.quality_checklists c on c.id = pg_temp.text_id('renos.quality_checklists', a.list)
cross join lateral (
  select jsonb_agg(jsonb_build_object('id', i ->> 'id', 'completed', done, 'photo_urls', '[]'::jsonb, 'points_earned', points) order by o) as items, sum(points)::int as earned, sum((i ->> 'points')::int)::int as possible
  from (select i, o, o <= jsonb_array_length(c.items) - case a.stars when 5 then 0 when 4 then 0 when 3 then 1 when 2 then 2 else 3 end as done,
               case when o <= jsonb_array_length(c.items) - case a.stars when 5 then 0 when 4 then 0 when 3 then 1 when 2 then 2 else 3 end
                    then (i ->> 'points')::int - case when a.stars < 5 and o = 1 then 2 when a.stars = 4 and o = 2 then 1 else 0 end else 0 end as points
        from jsonb_array_elements(c.items) with ordinality e(i, o)) p) k
on conflict do nothing;

-- renos.photo_documentation, 140: placeholder pictures before, during and after the job, of issues and for quality.
insert into renos.photo_documentation (id, lead_id, checklist_item_id, type, photo_url, thumbnail_url, description, uploaded_by, "timestamp", metadata, created_at, updated_at)
select pg_temp.text_id('renos.photo_documentation', p.n), pg_temp.text_id('renos.leads', b.lead), case when p.type = 'quality' then 'punkt-1' end, p.type,
       'https://billeder.example/demo/' || p.n || '.jpg', 'https://billeder.example/demo/' || p.n || '-lille.jpg',
       case p.type when 'before' then 'Før start' when 'during' then 'Undervejs' when 'after' then 'Efter rengøring' when 'issue' then 'Skade eller mangel' else 'Kontrolpunkt' end,
       pg_temp.text_id('renos.users', 3 + b.pair * 2), taken, jsonb_build_object('originalFilename', 'IMG_' || (2000 + p.n) || '.jpg', 'size', 180000 + p.n * 731, 'uploadTime', to_char((taken + interval '5 minutes') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
       taken + interval '5 minutes', taken + interval '5 minutes'
from (select n, pg_temp.share('{before,during,after,issue,quality}', '{45,20,45,10,20}', pg_temp.spread(n, 140)) as type from generate_series(1, 140) n) p
join (select row_number() over (order by ended desc, n) as r, k.* from demo_bookings k where status = 'completed' and lead is not null) b on b.r = 1 + (p.n * 3) % 150
cross join lateral (select case p.type when 'before' then b.started when 'during' then b.started + make_interval(mins => b.worked / 2) when 'after' then b.ended else b.ended - interval '10 minutes' end as taken) k
on conflict do nothing;
