//! C11: a line of a deal, with its total.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct AddProduct;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The deal.
    id: String,
    /// What is sold.
    #[schema(min_length = 1, max_length = 10_000)]
    product_name: String,
    /// How many.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    quantity: i64,
    /// Price of one, in the deal's currency.
    #[schema(minimum = 0, maximum = 9_999_999_999.99)]
    unit_price: f64,
    /// Discount in percent; 0 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100)]
    discount: Option<f64>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    description: Option<String>,
    /// Whether the deal's value becomes the sum of its lines; not so unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    update_deal_value: Option<bool>,
}

impl Operation for AddProduct {
    const ID: &'static str = "crm_add_product";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/deals/{id}/products";
    const SUMMARY: &'static str = "Add a line to an open deal";
    const DESCRIPTION: &'static str = "The total is quantity times price less the discount, rounded to two decimals. It must be below 10,000,000,000.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("deal_products");
    const EXAMPLE: &'static str = r#"{
        "product_name": "Vinduespudsning", "quantity": 12, "unit_price": 349.00, "discount": 10, "update_deal_value": true
    }"#;
    const SQL: &'static str = "
        with input as (
            select i, i ->> 'id' as id, (i -> 'quantity')::integer as quantity,
                round((i -> 'unit_price')::numeric, 2) as unit_price,
                round(coalesce((i -> 'discount')::numeric, 0), 2) as discount
            from (select $1::jsonb as i) as one
        ),
        line as (select i.*, round(quantity * unit_price * (1 - discount / 100), 2) as total from input i),
        deal as (
            select d.id, d.tenant_id, d.status, d.stage from crm.deals d, input where d.id = input.id for update of d
        ),
        -- Another is reading or writing the lines too: whoever comes second is run again.
        sums as (
            select coalesce((select sum(p.total) from crm.deal_products p where p.deal_id = line.id), 0) + total as value
            from line
        ),
        fault (field, reason) as (
            select 'product_name', 'must not be blank' from line where btrim(i ->> 'product_name') = ''
            union all
            select 'unit_price', 'makes a total of 10,000,000,000 or more' from line where total >= 1e10
            union all
            select 'unit_price', 'makes the deal worth 10,000,000,000 or more'
            from line, sums
            where (i -> 'update_deal_value')::boolean and total < 1e10 and value >= 1e10
        ),
        added as (
            insert into crm.deal_products (
                tenant_id, deal_id, product_name, quantity, unit_price, discount, total, description)
            select d.tenant_id, d.id, btrim(i ->> 'product_name'), quantity, unit_price, discount, total,
                btrim(i ->> 'description')
            from deal d, line
            where d.status = 'open' and not exists (select from fault)
            returning *
        ),
        valued as (
            update crm.deals d
            set value = sums.value
            from added, sums, line
            where d.id = added.deal_id and (i -> 'update_deal_value')::boolean
        )
        select 'created'::text as outcome, to_json(a) as body from added a
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', status, 'stage', stage),
            'allowed', json_build_object('status', json_build_array('open')))
        from deal
        where status <> 'open'
        union all
        select 'invalid_input', (select json_agg(f) from fault f)
        from deal
        where status = 'open' and exists (select from fault)";
    type Input = Input;
}
