-- Search in the middle of a name. Without pg_trgm the table is scanned, which is fine for some ten thousand
-- rows.
do $$
declare
    trigram_schema text;
begin
    select extension_schema.nspname into trigram_schema
    from pg_extension
    join pg_namespace as extension_schema on extension_schema.oid = extnamespace
    where extname = 'pg_trgm';

    if found then
        execute format('create index customers_name_trgm_idx on renos.customers using gin (name %I.gin_trgm_ops)', trigram_schema);
        execute format('create index customers_email_trgm_idx on renos.customers using gin (email %I.gin_trgm_ops)', trigram_schema);
        execute format('create index leads_name_trgm_idx on renos.leads using gin (name %I.gin_trgm_ops)', trigram_schema);
        execute format(
            'create index customer_intelligence_customer_name_trgm_idx '
            'on renos.customer_intelligence using gin (customer_name %I.gin_trgm_ops)',
            trigram_schema
        );
    end if;
end
$$;
