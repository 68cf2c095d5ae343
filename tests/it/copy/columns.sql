-- The columns of a table ($1) that the old layout has, times in milliseconds.
select string_agg(case when a.atttypid = 'timestamptz'::regtype
    then format('%I::timestamptz(3)', a.attname) else quote_ident(a.attname) end, ', ' order by a.attnum)
from pg_attribute as a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
    and a.attname not in ('tenant_id', 'shared_user_id', 'failure_reason', 'content_md5', 'timed_count', 'total_duration_ms',
        'cache_hits')
    and format('%s.%s', $1, a.attname) not in ('vault.embeddings.model', 'renos.services.category', 'renos.subcontractors.city',
        'renos.subcontractors.zip_code', 'shared.users.role', 'shared.users.metadata', 'shared.users.is_active',
        'shared.audit_logs.service', 'shared.audit_logs.success')
