//! Related rows.

use crate::support::shapes;
use serde_json::{Value, json};

async fn get(path: &str) -> Value {
    shapes().await.reader.get(path).await.expect(200).json()
}

#[tokio::test]
async fn many_to_one_is_an_object_or_null() {
    let rows = get("/shapes/cities?select=name,countries(name)&id=in.(1,5)&order=id").await;
    assert_eq!(
        rows,
        json!([{"name": "Aarhus", "countries": {"name": "Denmark"}}, {"name": "Atlantis", "countries": null}])
    );
}

#[tokio::test]
async fn one_to_many_is_an_array_maybe_empty() {
    let rows =
        get("/shapes/countries?select=code,cities(name)&code=in.(DK,XX)&order=code&cities.order=name.desc").await;
    assert_eq!(
        rows,
        json!([{"code": "DK", "cities": [{"name": "Odense"}, {"name": "Aarhus"}]}, {"code": "XX", "cities": []}])
    );
}

#[tokio::test]
async fn one_to_one_is_an_object_from_both_sides() {
    assert_eq!(get("/shapes/cities?select=mayors(name)&id=eq.1").await, json!([{"mayors": {"name": "Jo"}}]));
    assert_eq!(get("/shapes/mayors?select=cities(name)&city=eq.1").await, json!([{"cities": {"name": "Aarhus"}}]));
}

#[tokio::test]
async fn many_to_many_goes_through_the_junction() {
    let rows = get("/shapes/rivers?select=name,cities(name)&id=eq.1&cities.order=id").await;
    assert_eq!(rows, json!([{"name": "Å", "cities": [{"name": "Aarhus"}, {"name": "Odense"}]}]));
}

#[tokio::test]
async fn embeds_nest_and_take_aliases_filters_orders_and_limits() {
    let path = "/shapes/countries?select=code,towns:cities(name,flows:rivers(name))&code=eq.DK\
                &towns.name=like.*s*&towns.order=name&towns.limit=1&towns.flows.name=eq.%C3%85";
    assert_eq!(get(path).await, json!([{"code": "DK", "towns": [{"name": "Aarhus", "flows": [{"name": "Å"}]}]}]));
}

#[tokio::test]
async fn a_self_reference_goes_both_ways() {
    assert_eq!(get("/shapes/cities?select=twin(name)&id=eq.1").await, json!([{"twin": {"name": "Odense"}}]));
    assert_eq!(
        get("/shapes/cities?select=twins:cities!twin(name)&id=eq.2").await,
        json!([{"twins": [{"name": "Aarhus"}]}])
    );
}

#[tokio::test]
async fn a_hint_chooses_the_key() {
    let path = "/shapes/cities?select=land:countries!cities_country_fkey(code)&id=eq.1";
    assert_eq!(get(path).await, json!([{"land": {"code": "DK"}}]));
}

#[tokio::test]
async fn inner_drops_parents_without_children() {
    let path = "/shapes/countries?select=code,cities!inner(name)&cities.population=gt.1000000&order=code";
    assert_eq!(
        get(path).await,
        json!([{"code": "NO", "cities": [{"name": "Oslo"}]}, {"code": "SE", "cities": [{"name": "Stockholm"}]}])
    );
}

#[tokio::test]
async fn an_embed_can_be_asked_for_being_there() {
    assert_eq!(get("/shapes/countries?select=code,cities()&cities=is.null").await, json!([{"code": "XX"}]));
    let some = get("/shapes/countries?select=code,cities()&cities=not.is.null&order=code").await;
    assert_eq!(some, json!([{"code": "DK"}, {"code": "NO"}, {"code": "SE"}]));
    let either = get("/shapes/cities?select=id,mayors()&or=(mayors.not.is.null,id.eq.5)&order=id").await;
    assert_eq!(either, json!([{"id": 1}, {"id": 3}, {"id": 5}]));
}

#[tokio::test]
async fn rows_are_ordered_by_a_to_one_embed() {
    let rows = get("/shapes/cities?select=id,countries(name)&order=countries(name).desc.nullslast,id&limit=2").await;
    assert_eq!(rows[0]["id"], 3);
    assert_eq!(rows[1]["id"], 4);
}

#[tokio::test]
async fn a_view_has_the_links_of_its_table() {
    assert_eq!(
        get("/shapes/big_cities?select=name,countries(name)&id=eq.3").await,
        json!([{"name": "Stockholm", "countries": {"name": "Sweden"}}])
    );
}

#[tokio::test]
async fn a_to_one_embed_spreads_into_its_parent() {
    assert_eq!(
        get("/shapes/cities?select=id,...countries(land:name)&id=eq.1").await,
        json!([{"id": 1, "land": "Denmark"}])
    );
}

#[tokio::test]
async fn a_computed_field_is_selected_by_name() {
    assert_eq!(get("/shapes/cities?select=full_name&id=eq.4").await, json!([{"full_name": "Oslo, NO"}]));
}

#[tokio::test]
async fn what_is_not_related_or_not_embedded_is_refused() {
    let api = shapes().await;
    let refused = |path: &'static str| async { api.reader.get(path).await };
    let none = refused("/shapes/cities?select=id,everything(id)").await.expect(400).json();
    assert_eq!(none["code"], "PGRST200");
    let ambiguous = refused("/shapes/cities?select=id,cities(id)&cities.nothing.id=eq.1").await.expect(400).json();
    assert_eq!(ambiguous["code"], "PGRST108");
    let filter = refused("/shapes/cities?select=id&rivers.name=eq.x").await.expect(400).json();
    assert_eq!(filter["code"], "PGRST108");
    let order = refused("/shapes/countries?select=code,cities(id)&order=cities(id)").await.expect(400).json();
    assert_eq!(order["code"], "PGRST118");
}
