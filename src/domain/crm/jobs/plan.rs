//! A70: a cleaning job that is to come, within the tenant's limit.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(in super::super) struct PlanJob;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Input {
    /// The tenant; the caller's unless given. Only `service_role` reaches another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Title.
    #[schema(min_length = 1, max_length = 10_000)]
    title: String,
    /// Kind of cleaning.
    job_type: JobType,
    /// The planned start, which is not in the past.
    #[schema(format = "date-time")]
    scheduled_at: String,
    /// Planned minutes; unless given, what is usual for the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100_000)]
    estimated_duration: Option<i32>,
    /// Text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    description: Option<String>,
    /// The contact, of the same tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    contact_id: Option<String>,
    /// The company, of the same tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    company_id: Option<String>,
    /// The deal that it comes from, of the same tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    deal_id: Option<String>,
    /// The leading cleaner, of the same tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    assigned_to: Option<String>,
    /// Weight; `normal` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    /// Street address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    address: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    city: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20)]
    postal_code: Option<String>,
    /// Coordinates, access, parking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    location_details: Option<Value>,
    /// Area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 99_999_999.99)]
    square_meters: Option<f64>,
    /// How it repeats: `{frequency, interval, end_date, skip_holidays}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    recurring_config: Option<Value>,
    /// Wishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 100)]
    special_requirements: Option<Vec<String>>,
    /// Agreed price before VAT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9_999_999_999.99)]
    price: Option<f64>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum JobType {
    Kontorrenhold,
    Privatrenhold,
    Flytterenhold,
    Byggerenhold,
    Vinduespudsning,
    Taepperens,
    Specialrengoering,
    Vedligeholdelse,
    Dybrengoering,
    Akutrengoering,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Priority {
    Low,
    Normal,
    High,
    Urgent,
}

impl Operation for PlanJob {
    const ID: &'static str = "crm_plan_job";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/cleaning_jobs/plan";
    const SUMMARY: &'static str = "Plan a cleaning job";
    const DESCRIPTION: &'static str = "Open jobs are counted against the tenant's `max_jobs`, and one too many is refused \
        (422), however many are planned at the same time. So it is where a row is added to the table. Usual minutes: \
        240 in offices, for windows and carpets, 180 in homes and where it is urgent, 480 for moving and deep cleaning, \
        600 after building, 360 for special cleaning, 120 for maintenance.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("cleaning_jobs");
    const EXAMPLE: &'static str = r#"{"title": "Kontor, 2. sal", "job_type": "kontorrenhold",
        "scheduled_at": "2030-01-31T09:30:00Z", "address": "Havnegade 1", "price": 1250}"#;
    const SQL: &'static str = "
        with input as (
            select i, coalesce((i ->> 'tenant_id')::uuid, auth.org_uuid()) as tenant_id,
                (i ->> 'scheduled_at')::timestamptz as scheduled_at
            from (select $1::jsonb as i) as one
        ),
        usual (job_type, minutes) as (
            values
                ('kontorrenhold', 240), ('privatrenhold', 180), ('flytterenhold', 480), ('byggerenhold', 600),
                ('vinduespudsning', 240), ('taepperens', 240), ('specialrengoering', 360), ('vedligeholdelse', 120),
                ('dybrengoering', 480), ('akutrengoering', 180)
        ),
        fault (field, reason) as (
            select 'tenant_id', 'is required where the token names no organisation' from input where tenant_id is null
            union all
            select 'scheduled_at', 'must not be in the past' from input where scheduled_at < now()
            union all
            select name, 'must be 256 KiB or less'
            from input, unnest(array['location_details', 'recurring_config']) as name
            where octet_length(i ->> name) > 262144
        ),
        tenant as (select t.id from crm.tenants t, input where t.id = input.tenant_id and not exists (select from fault)),
        missing (field, message) as (
            select 'tenant_id', 'There is no such tenant' where not exists (select from tenant)
            union all
            select 'contact_id', 'There is no such contact' from tenant, input
            where i ? 'contact_id' and not exists (
                select from crm.contacts c where c.id = i ->> 'contact_id' and c.tenant_id = tenant.id
            )
            union all
            select 'company_id', 'There is no such company' from tenant, input
            where i ? 'company_id' and not exists (
                select from crm.companies c where c.id = i ->> 'company_id' and c.tenant_id = tenant.id
            )
            union all
            select 'deal_id', 'There is no such deal' from tenant, input
            where i ? 'deal_id' and not exists (
                select from crm.deals d where d.id = i ->> 'deal_id' and d.tenant_id = tenant.id
            )
            union all
            select 'assigned_to', 'There is no such user' from tenant, input
            where i ? 'assigned_to' and not exists (
                select from crm.users u where u.id = (i ->> 'assigned_to')::uuid and u.tenant_id = tenant.id
            )
        ),
        planned as (
            insert into crm.cleaning_jobs (
                tenant_id, contact_id, company_id, deal_id, assigned_to, title, description, job_type, priority,
                scheduled_at, estimated_duration, address, city, postal_code, location_details, square_meters,
                recurring_config, special_requirements, price)
            select tenant.id, i ->> 'contact_id', i ->> 'company_id', i ->> 'deal_id', (i ->> 'assigned_to')::uuid,
                btrim(i ->> 'title'), btrim(i ->> 'description'), usual.job_type, coalesce(i ->> 'priority', 'normal'),
                scheduled_at, coalesce((i -> 'estimated_duration')::integer, usual.minutes), btrim(i ->> 'address'),
                btrim(i ->> 'city'), btrim(i ->> 'postal_code'), i -> 'location_details',
                (i -> 'square_meters')::numeric, i -> 'recurring_config',
                array(select btrim(t) from jsonb_array_elements_text(i -> 'special_requirements') as t),
                (i -> 'price')::numeric
            from tenant, input
            join usual on usual.job_type = i ->> 'job_type'
            where not exists (select from missing)
            returning *
        )
        select 'created'::text as outcome, to_json(p) as body from planned p
        union all
        select 'invalid_input', json_agg(f) from fault f having count(*) > 0
        union all
        (select 'unprocessable', json_build_object('message', message, 'field', field)
        from missing
        where not exists (select from fault)
        limit 1)";
    type Input = Input;
}
