//! The catalog follows the database: within a second, under load, without a failed request.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::support::shapes;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_table_is_served_within_a_second_and_no_request_fails() {
    let api = Arc::new(shapes().await);
    let load = {
        let api = api.clone();
        tokio::spawn(async move {
            let started = Instant::now();
            let mut answered = 0;
            while started.elapsed() < Duration::from_secs(3) {
                api.reader.get("/shapes/countries?code=eq.DK").await.expect(200);
                answered += 1;
            }
            answered
        })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    api.reader.get("/shapes/added").await.expect(404);
    api.execute("create table shapes.added (id int primary key); grant select on shapes.added to authenticated").await;
    let changed = Instant::now();
    while api.reader.get("/shapes/added").await.status != 200 {
        assert!(changed.elapsed() < Duration::from_secs(1), "not served after {:?}", changed.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    api.execute("alter table shapes.added add column note text").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    api.reader.get("/shapes/added?select=note").await.expect(200);
    assert!(load.await.expect("the load goes on") > 50);
}

#[tokio::test]
async fn a_column_that_changed_its_type_does_not_break_cached_statements() {
    let api = shapes().await;
    for _ in 0..3 {
        api.reader.get("/shapes/rivers?select=name&id=eq.1").await.expect(200);
    }
    api.execute("alter table shapes.rivers alter column name type varchar(40)").await;
    for _ in 0..20 {
        api.reader.get("/shapes/rivers?select=name&id=eq.1").await.expect(200);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
