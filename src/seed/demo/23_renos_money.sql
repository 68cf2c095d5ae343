-- Demo data of the schema renos: invoices and their lines.

-- renos.invoices, 180: 1 the sample (paid by mobilepay), 2 the rounding case; three part payments, 90 known to Billy.
insert into renos.invoices (id, invoice_number, booking_id, customer_id, customer_name, customer_email, customer_address, issue_date, due_date, status, subtotal, vat_rate, vat_amount, total,
                            paid_at, paid_amount, payment_method, payment_ref, billy_invoice_id, billy_contact_id, billy_synced_at, billy_pdf_url, notes, internal_notes, sent_at, reminder_sent_at, created_at, updated_at)
select pg_temp.text_id('renos.invoices', i.n), i.number, pg_temp.text_id('renos.bookings', i.booking), pg_temp.text_id('renos.customers', i.customer), c.name, c.email, c.address,
       i.issued_at, i.due_at, i.status, t.subtotal, 25.00, t.vat, t.total,
       i.paid_at, case when i.status = 'paid' then t.total when i.r in (40, 56, 90) then round(t.total / 2, 2) end,
       case when i.status = 'paid' or i.r in (40, 56, 90) then method end,
       case when i.status = 'paid' or i.r in (40, 56, 90) then upper(substr(method, 1, 2)) || '-' || lpad(i.n::text, 6, '0') end,
       case when i.billy <= 90 then 'inv-demo-b' || i.n end, case when i.billy <= 90 then 'contact-demo-' || i.customer end,
       case when i.billy <= 90 then i.issued_at + interval '2 hours' end, case when i.billy <= 90 then 'https://billy.example/pdf/inv-demo-b' || i.n || '.pdf' end,
       case when i.n >= 174 then 'Samlet faktura for fire besøg' end,
       case when i.status = 'cancelled' then 'Annulleret: forkert modtager' when i.r in (40, 56, 90) then 'Aftale om betaling i to rater' end,
       case when i.status <> 'draft' then i.issued_at + interval '1 hour' end,
       case when i.status = 'overdue' and i.r <> 60 and i.r <> 64 then i.due_at + interval '1 day' + interval '2 hours' end,
       i.issued_at, case when i.status = 'paid' then greatest(i.paid_at, i.issued_at + interval '2 hours') when i.status = 'overdue' then i.due_at + interval '27 hours'
                         when i.status = 'cancelled' then i.issued_at + interval '3 days' when i.status = 'sent' then i.issued_at + interval '1 hour' else i.issued_at end
from (select i.*, case when n = 1 then 'mobilepay' else pg_temp.pick_weighted('{bank_transfer,mobilepay,card,cash}', '{60,28,9,3}', pg_temp.rnd('renos.invoices', n, 'method')) end as method,
             case when status = 'paid' then row_number() over (partition by status order by n) else 1000 end as billy
      from demo_invoices i) i
join demo_customers c on c.n = i.customer
join demo_totals t on t.invoice = i.n
on conflict do nothing;

-- renos.invoice_line_items, 330.
insert into renos.invoice_line_items (id, invoice_id, description, quantity, unit_price, amount, sort_order, created_at, updated_at)
select pg_temp.text_id('renos.invoice_line_items', l.id), pg_temp.text_id('renos.invoices', l.invoice), l.description, l.quantity, l.price, l.amount, l.pos, i.issued_at, i.issued_at
from demo_lines l join demo_invoices i on i.n = l.invoice
on conflict do nothing;
