//! Columns that follow from other rows, against those rows: SQL alone.
//!
//! Each statement is of one schema, and gives rows of object, why and mend. What is derived, and how, is said by the
//! functions and triggers of `migrations/`; where one of them counts anew, it is what mends.

/// Statements by their schema.
type Figures = &'static [(&'static str, &'static str)];

/// Sums of money that are on paper.
pub(super) const INVOICES: Figures = &[
    (
        "renos",
        "select format('renos.invoices %s', i.invoice_number),
            format('subtotal, tax and total are %s, %s, %s; its lines and rate make %s, %s, %s',
                i.subtotal, i.vat_amount, i.total, s.subtotal, s.vat, s.subtotal + s.vat),
            format('update renos.invoices set subtotal = %s, vat_amount = %s, total = %s where id = %L',
                s.subtotal, s.vat, s.subtotal + s.vat, i.id)
        from renos.invoices i
        cross join lateral (
            select coalesce(sum(l.amount), 0) as subtotal, round(coalesce(sum(l.amount), 0) * i.vat_rate / 100, 2) as vat
            from renos.invoice_line_items l
            where l.invoice_id = i.id
        ) s
        where (i.subtotal, i.vat_amount, i.total) is distinct from (s.subtotal, s.vat, s.subtotal + s.vat)
        order by 1",
    ),
    (
        "renos",
        "select format('renos.invoice_line_items %s', id),
            format('amount is %s; quantity and price make %s', amount, round(quantity * unit_price, 2)),
            format('update renos.invoice_line_items set amount = round(quantity * unit_price, 2) where id = %L', id)
        from renos.invoice_line_items
        where amount <> round(quantity * unit_price, 2)
        order by 1",
    ),
    // Of what was paid before payments were kept, the invoice's own sum is all that is known.
    (
        "renos",
        "select format('renos.invoices %s', i.invoice_number),
            format('paid_amount is %s; its payments make %s', coalesce(i.paid_amount, 0), sum(p.amount)),
            format('update renos.invoices set paid_amount = %s where id = %L', sum(p.amount), i.id)
        from renos.invoices i
        join renos.invoice_payments p on p.invoice_id = i.id
        group by i.id
        having coalesce(i.paid_amount, 0) <> sum(p.amount)
        order by 1",
    ),
    (
        "crm",
        "select format('crm.deal_products %s', id),
            format('total is %s; quantity, price and discount make %s',
                total, round(quantity * unit_price * (1 - discount / 100), 2)),
            format('update crm.deal_products set total = round(quantity * unit_price * (1 - discount / 100), 2) where id = %L', id)
        from crm.deal_products
        where total <> round(quantity * unit_price * (1 - discount / 100), 2)
        order by 1",
    ),
];

/// Counts, means and sums.
pub(super) const DERIVED: Figures = &[
    (
        "renos",
        "select format('renos.customers %s', c.id),
            format('leads, bookings and revenue are %s, %s, %s; its rows make %s, %s, %s',
                c.total_leads, c.total_bookings, c.total_revenue, l.leads, b.bookings, i.revenue),
            format('select from renos.refresh_customer(%L)', c.id)
        from renos.customers c
        cross join lateral (select count(*) as leads from renos.leads l where l.customer_id = c.id) l
        left join (
            select coalesce(b.customer_id, l.customer_id) as customer, count(*) as bookings
            from renos.bookings b
            left join renos.leads l on l.id = b.lead_id
            where b.status <> 'cancelled'
            group by 1
        ) counted on counted.customer = c.id
        cross join lateral (select coalesce(counted.bookings, 0) as bookings) b
        cross join lateral (
            select coalesce(sum(i.total), 0) as revenue from renos.invoices i where i.customer_id = c.id and i.status = 'paid'
        ) i
        where (c.total_leads, c.total_bookings, c.total_revenue) is distinct from (l.leads, b.bookings, i.revenue)
        order by 1",
    ),
    (
        "renos",
        "select format('renos.cleaning_plans %s', p.id),
            format('minutes and price are %s, %s; its tasks make %s, %s', p.estimated_duration,
                coalesce(p.estimated_price::text, 'none'), coalesce(t.minutes, 120), coalesce(nullif(t.price, 0)::text, 'none')),
            format('select from renos.refresh_plan(%L)', p.id)
        from renos.cleaning_plans p
        cross join lateral (
            select sum(t.estimated_time) as minutes, sum(t.price_per_task) as price
            from renos.cleaning_tasks t where t.plan_id = p.id
        ) t
        where (p.estimated_duration, p.estimated_price) is distinct from (coalesce(t.minutes, 120), nullif(t.price, 0))
        order by 1",
    ),
    (
        "renos",
        "select format('renos.email_threads %s', t.id),
            format('message_count is %s; %s messages are stored', t.message_count, coalesce(m.messages, 0)),
            format('update renos.email_threads set message_count = %s where id = %L', coalesce(m.messages, 0), t.id)
        from renos.email_threads t
        left join (
            select thread_id, count(*) as messages from renos.email_messages group by 1
        ) m on m.thread_id = t.id
        where t.message_count <> coalesce(m.messages, 0)
        order by 1",
    ),
    (
        "renos",
        "select format('renos.subcontractors %s', s.id),
            format('rating is %s; the mean of its reviews is %s', s.rating, r.mean),
            format('update renos.subcontractors set rating = %s where id = %L', r.mean, s.id)
        from renos.subcontractors s
        cross join lateral (
            select coalesce(round(avg(r.rating), 2), 0) as mean
            from renos.subcontractor_reviews r where r.subcontractor_id = s.id
        ) r
        where s.rating <> r.mean
        order by 1",
    ),
    // Runs go after their time, and stay counted: fewer runs than the counters say is no fault, more is.
    (
        "flow",
        "select format('flow.workflows %s', w.id),
            format('counters are %s started, %s completed, %s failed; there are %s, %s, %s runs',
                w.execution_count, w.success_count, w.failure_count, e.started, e.completed, e.failed),
            format('update flow.workflows set execution_count = greatest(execution_count, %s), '
                'success_count = greatest(success_count, %s), failure_count = greatest(failure_count, %s) where id = %L',
                e.started, e.completed, e.failed, w.id)
        from flow.workflows w
        join (
            select workflow_id, count(*) as started, count(*) filter (where status = 'completed') as completed,
                count(*) filter (where status = 'failed') as failed
            from flow.executions group by 1
        ) e on e.workflow_id = w.id
        where e.started > w.execution_count or e.completed > w.success_count or e.failed > w.failure_count
        order by 1",
    ),
    (
        "billy",
        "select format('billy.usage_metrics %s', m.id),
            format('calls, mean and hit rate are %s, %s, %s; its sums make %s, %s, %s', m.call_count,
                coalesce(m.avg_duration_ms::text, 'none'), coalesce(m.cache_hit_rate::text, 'none'), s.calls,
                coalesce(s.mean::text, 'none'), coalesce(s.rate::text, 'none')),
            format('update billy.usage_metrics set call_count = %s, avg_duration_ms = %s, cache_hit_rate = %s where id = %L',
                s.calls, coalesce(s.mean::text, 'null'), coalesce(s.rate::text, 'null'), m.id)
        from billy.usage_metrics m
        cross join lateral (
            select success_count + error_count as calls,
                round(total_duration_ms::numeric / nullif(timed_count, 0)) as mean,
                round(100.0 * cache_hits / nullif(success_count + error_count, 0), 2) as rate
        ) s
        where m.call_count <> s.calls or m.avg_duration_ms is distinct from s.mean or m.cache_hit_rate is distinct from s.rate
        order by 1",
    ),
];
