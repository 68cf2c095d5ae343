-- Demo data of the schema renos: chats, notifications, what the assistant did.

-- renos.chat_sessions, 25: owner 6, admin 5, manager 3, employee 8, customer 3; number 25 belongs to the second company.
insert into renos.chat_sessions (id, user_id, organization_id, context, title, metadata, created_at, updated_at)
select pg_temp.text_id('renos.chat_sessions', n), pg_temp.text_id('renos.users', person), pg_temp.uuid_id('crm.tenants', case when n = 25 then 2 else 1 end)::text, context,
       case when n % 5 <> 0 then pg_temp.nth('{Dagens bookinger,Tilbud og priser,Procedurer,Ubetalte fakturaer,Plan for ugen,Ny kunde}', n) else 'Chat fra dashboard - ' || to_char(s at time zone 'Europe/Copenhagen', 'HH24:MI') end,
       jsonb_build_object('page', pg_temp.nth('{dashboard,bookings,leads,invoices}', n), 'channel', 'web', 'locale', 'da'), s, s + make_interval(mins => 2 * (case when n = 25 then 4 else 9 end - 1))
from (select n::int, context, case context when 'owner' then 1 when 'admin' then 2 when 'manager' then 3 + (n % 2)::int when 'employee' then 5 + (n % 7)::int else 13 + (n % 2)::int end as person,
             pg_temp.at(-2 - n::int * 3, 500 + (n * 13)::int) as s
      from (select n, pg_temp.share('{owner,admin,manager,employee,customer}', '{6,5,3,8,3}', n) as context from generate_series(1, 25) n) x) y
on conflict do nothing;

-- renos.chat_messages, 220: nine a session, four in the last one; questions and answers in Danish, each session opens with a system line.
insert into renos.chat_messages (id, session_id, role, content, metadata, created_at)
select pg_temp.text_id('renos.chat_messages', n), s.id, case when turn = 1 then 'system' when turn % 2 = 0 then 'user' else 'assistant' end,
       case when turn = 1 then 'Du hjælper medarbejdere og kunder hos et rengøringsselskab. Svar kort på dansk.'
            when turn % 2 = 0 then pg_temp.nth(array['Hvilke bookinger har vi i morgen?', 'Hvad koster en flytterengøring på 90 m2?', 'Hvordan fjerner man kalk på fliser?', 'Hvilke fakturaer er forfaldne?',
                                     'Hvad gør jeg, hvis noget går i stykker hos en kunde?', 'Hvor ligger nøglen til klinikken?', 'Kan du skrive et svar til kunden?', 'Hvor mange timer har jeg haft i denne uge?', 'Hvilke midler må bruges på træ?'], topic)
            else pg_temp.nth(array['I morgen er der fire bookinger, den første kl. 07.30.', 'Cirka 4,5 timer for to personer, 349 kr. pr. time og person inkl. moms.', 'Brug eddikesyre 5 procent, lad det virke i ti minutter, og skyl efter. Ikke på natursten.',
                                   'Der er otte forfaldne fakturaer, fire af dem er mere end 30 dage gamle.', 'Stop arbejdet, tag et billede, og ring til driftslederen. Kunden får besked samme dag.', 'Adgangsnoter vises kun i kundekortet for dem, der er på jobbet.',
                                   'Her er et udkast. Det ligger til godkendelse under svar.', 'Du har registreret 31,5 timer til og med i dag.', 'Kun pH-neutral sæbe og en hårdt opvredet klud.'], topic) end,
       case when turn > 1 and turn % 2 = 1 then jsonb_build_object('actions', jsonb_build_array(jsonb_build_object('type', pg_temp.nth('{open_booking,create_quote,show_procedure,list_invoices}', n), 'label', 'Åbn')), 'model', 'demo-model-1') end,
       s.created_at + make_interval(mins => 2 * (turn - 1)::int)
from (select n, (n - 1) / 9 + 1 as session, (n - 1) % 9 + 1 as turn, ((n - 1) / 9) * 4 + ((n - 1) % 9) / 2 + (n - 1) % 9 % 2 as topic from generate_series(1, 220) n) m
join renos.chat_sessions s on s.id = pg_temp.text_id('renos.chat_sessions', m.session)
on conflict do nothing;

-- renos.notifications, 250: nine types over 80 days, 70 unread; number 250 belongs to the second company.
insert into renos.notifications (id, organization_id, user_id, type, title, message, data, is_read, read_at, created_at, updated_at)
select pg_temp.text_id('renos.notifications', x.n), pg_temp.uuid_id('crm.tenants', case when x.n = 250 then 2 else 1 end)::text, pg_temp.text_id('renos.users', person), type,
       case type when 'job_assigned' then 'Nyt job til dig' when 'job_started' then 'Job begyndt' when 'job_completed' then 'Job udført' when 'job_cancelled' then 'Job aflyst' when 'job_status_update' then 'Status ændret'
                 when 'payment_received' then 'Betaling modtaget' when 'customer_message' then 'Besked fra kunde' when 'quality_issue' then 'Kvalitetssag' else 'Ændret plan' end,
       case type when 'payment_received' then 'En faktura er betalt.' when 'customer_message' then c.name || ' har skrevet en mail.' when 'quality_issue' then c.name || ' har meldt en mangel.' else b.service || ' hos ' || c.name || '.' end,
       case when type in ('payment_received', 'customer_message', 'quality_issue') then jsonb_build_object('customer_id', pg_temp.text_id('renos.customers', b.customer))
            else jsonb_build_object('booking_id', pg_temp.text_id('renos.bookings', b.n)) end,
       not unread, case when not unread then made + interval '3 hours' end, made, case when unread then made else made + interval '3 hours' end
from (select n, pg_temp.nth('{job_assigned,job_started,job_completed,job_cancelled,job_status_update,payment_received,customer_message,quality_issue,schedule_change}', n) as type, n <= 70 as unread,
             (case when n % 3 = 0 then 1 + n % 4 else 5 + n % 7 end)::int as person, pg_temp.at(-1 - ((n - 1) * 80 / 250)::int, (430 + n * 2)::int) as made, (1 + (n * 7) % 220)::int as job
      from generate_series(1, 250) n) x
join demo_bookings b on b.n = x.job join demo_customers c on c.n = b.customer
on conflict do nothing;

-- renos.task_executions, 200: what the assistant did, 170 with success.
insert into renos.task_executions (id, task_type, task_payload, status, result, error, duration, trace_id, session_id, user_id, intent, confidence, correction_type, executed_at, created_at)
select pg_temp.text_id('renos.task_executions', n), type,
       case when type = 'calendar.book' then jsonb_build_object('booking_id', pg_temp.text_id('renos.bookings', 1 + n % 220)) when type = 'invoice.create' then jsonb_build_object('invoice_id', pg_temp.text_id('renos.invoices', 1 + n % 180))
            else jsonb_build_object('lead_id', pg_temp.text_id('renos.leads', 1 + n % 180)) end,
       status, case when status = 'success' then jsonb_build_object('ok', true) end,
       case status when 'failed' then pg_temp.nth('{mail server timed out,calendar slot taken,missing address}', n) when 'retried' then 'rate limited, tried again' end,
       case when status in ('pending', 'running') then null else pg_temp.rint('renos.task_executions', n, 'ms', 90, 4200) end, pg_temp.hex('renos.task_executions', n, 'trace', 8),
       case when n % 3 = 0 then pg_temp.text_id('renos.chat_sessions', 1 + n % 24) end, pg_temp.text_id('renos.users', 1 + n % 4),
       pg_temp.nth('{write_offer,send_mail,book_time,score_lead,read_lead,make_invoice}', n), round((0.6 + 0.39 * pg_temp.rnd('renos.task_executions', n, 'confidence'))::numeric, 2),
       case when n % 31 = 0 then 'price_adjusted' when n % 37 = 0 then 'date_adjusted' end, made, made
from (select n, pg_temp.nth('{email.compose,email.send,calendar.book,lead.score,lead.parse,invoice.create}', n) as type,
             pg_temp.share('{success,failed,retried,skipped,pending,running}', '{170,14,6,5,3,2}', pg_temp.spread(n, 200)) as status, pg_temp.at(-1 - (n * 89 / 200)::int, (420 + n * 3)::int) as made
      from generate_series(1, 200) n) x
on conflict do nothing;
