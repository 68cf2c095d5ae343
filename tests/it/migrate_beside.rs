//! Migrations of several databases of one cluster at once: roles are the cluster's.

use tekup_db::db::migrate::{self, Scope};

use crate::support::empty;

#[tokio::test(flavor = "multi_thread")]
async fn databases_of_one_cluster_migrate_beside_each_other() {
    let mut runs = Vec::new();
    for _ in 0..3 {
        let url = empty().await.owner_url();
        runs.push(tokio::spawn(async move { migrate::run(&url, &Scope::All, None).await }));
    }
    for run in runs {
        assert!(run.await.unwrap().unwrap().len() > 15);
    }
}
