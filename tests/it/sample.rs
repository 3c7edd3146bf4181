use std::collections::{BTreeSet, HashMap};

use crate::support::{manifest, plenary, root, tables};

/// The first command of the README, from the folder a user would stand in.
#[test]
fn the_main_job_runs_on_the_sample_and_is_right_where_it_must_be() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let outcome = plenary("run")
        .in_folder(root())
        .args(&["data/sample", "--format", "parquet,csv", "-o"])
        .arg(&out)
        .exits(0);
    assert!(outcome.stderr.contains("documents"), "{}", outcome.stderr);
    assert!(outcome.stdout.is_empty(), "{}", outcome.stdout);
    let manifest = manifest(&out);
    assert_eq!(manifest["skipped"].as_array().unwrap().len(), 0);
    assert_eq!(manifest["warnings"].as_array().unwrap().len(), 0, "{}", manifest["warnings"]);

    let statements = rows(&out, "statements");
    // Of the leans that the model stands by; those it flags as unsure are guesses, in a sample full of irony and asides.
    let sure = |row: &&HashMap<String, String>| row["control_abstain"] == "false";
    let of = |actor: &str, lean: &str| {
        let leans = |row: &&HashMap<String, String>| {
            row["actor_id"].contains(actor) && row["control_lean"] == lean
        };
        statements.iter().filter(sure).filter(leans).count()
    };
    assert!(statements.len() > 400, "{} statements", statements.len());
    let sovereign = of("XRU", "sovereignty");
    let open = of("XRU", "openness");
    assert!(sovereign > open, "Ruvania, the sample's sovereigntist, leans {sovereign} to {open}");
    let manners: BTreeSet<&str> = statements.iter().map(|row| row["manner"].as_str()).collect();
    assert_eq!(manners, BTreeSet::from(["direct", "indirect", "own"]));
    assert!(tables(&out).len() >= 12);
}

/// The rows of a CSV table as maps from column to value.
fn rows(out: &std::path::Path, table: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(out.join(format!("{table}.csv"))).unwrap();
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}
