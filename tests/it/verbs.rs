use crate::support::{plenary, root, sample, small_model, tables};

fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn segment_prints_exact_code_points() {
    let text = "Ünïcode first. Then “a quotation.” The end";
    let outcome =
        plenary("segment").args(&["-", "--json", "--lang", "en"]).with_stdin(text.as_bytes());
    let lines = json_lines(&outcome.stdout);
    assert_eq!(lines.len(), 3, "{}", outcome.stdout);
    let points: Vec<char> = text.chars().collect();
    for line in lines {
        let [start, end] = ["start_char", "end_char"]
            .map(|key| usize::try_from(line[key].as_u64().unwrap()).unwrap());
        assert_eq!(points[start..end].iter().collect::<String>(), line["text"].as_str().unwrap());
    }
}

#[test]
fn attribute_prints_turns_and_reported_speech() {
    let outcome =
        plenary("attribute").arg(sample().join("briefing_2022-11-17.txt")).arg("--json").exits(0);
    let lines = json_lines(&outcome.stdout);
    let turns = lines.iter().filter(|line| line["kind"] == "turn").count();
    assert!(turns > 5, "{turns} turns");
    let report = plenary("attribute").arg(sample().join("forum_report.md")).arg("--json").exits(0);
    let found = json_lines(&report.stdout);
    assert!(found.iter().any(|line| line["manner"] == "direct"));
    assert!(found.iter().any(|line| line["manner"] == "indirect"));
    let known = |line: &&serde_json::Value| line["actor_id"] == "XRU";
    assert_eq!(found.iter().filter(known).count(), 0, "an invented state is not built in");
    let actors = sample().join("actors.csv");
    let report = plenary("attribute").arg(sample().join("forum_report.md")).arg("--json");
    let found = json_lines(&report.arg("--actors").arg(actors).exits(0).stdout);
    assert!(found.iter().filter(known).count() > 0);
}

#[test]
fn encode_reports_and_writes_unit_vectors() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines.txt");
    fs_err::write(&file, "An open network.\nA closed border.\n\nAn open network.\n").unwrap();
    let out = folder.path().join("vectors.parquet");
    let outcome = plenary("encode").arg(&file).arg("-o").arg(&out).arg("--json").exits(0);
    let report = &json_lines(&outcome.stdout)[0];
    assert_eq!(report["sentences"], 4);
    assert_eq!(report["dimension"], 768);
    assert!(out.exists());
}

#[test]
fn a_run_computes_in_the_precision_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let run = |precision: &str| {
        let out = folder.path().join(precision);
        let run = plenary("run").arg(sample().join("oped_estuary.txt")).arg("-o").arg(&out);
        run.args(&["--precision", precision]).exits(0);
        tables(&out)["statements.parquet"].clone()
    };
    assert_ne!(run("f32"), run("int8"), "int8 moves probabilities");
    let outcome = plenary("run").arg(sample()).args(&["-o", "x", "--precision", "f64"]).exits(2);
    assert!(outcome.stderr.contains("f64"), "{}", outcome.stderr);
}

/// Where nobody holds a position nothing is searched, unless asked for.
#[test]
fn every_sentence_is_searched_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let run = |who: &str| {
        let out = folder.path().join(who);
        let run = plenary("run").arg(sample().join("forum_report.md")).arg("-o").arg(&out);
        let outcome = run.args(&["--attribution", who, "--json"]).exits(0);
        json_lines(&outcome.stdout)[0]["statements"].as_u64().unwrap()
    };
    let (few, all, none) = (run("tagger"), run("everywhere"), run("none"));
    assert!(none < few && few <= all, "{none}, {few}, {all} statements");
}

#[test]
fn a_codebook_shows_and_checks() {
    let shown = plenary("codebook").arg("show").exits(0).stdout;
    for pole in ["sovereignty", "openness", "multilateral", "multistakeholder"] {
        assert!(shown.contains(pole), "{shown}");
    }
    plenary("codebook")
        .arg("check")
        .arg(root().join("data/codebooks/internet-governance.toml"))
        .exits(0);
}

#[test]
fn a_model_describes_itself() {
    let info = plenary("models").args(&["info", "--json"]).exits(0).stdout;
    assert_eq!(json_lines(&info)[0]["dimension"], 768);
    let info = plenary("models").arg("info").arg(small_model()).exits(0).stdout;
    assert!(info.contains("hashed"), "{info}");
}

#[test]
fn config_prints_a_file_that_loads() {
    let folder = tempfile::tempdir().unwrap();
    let text = plenary("config").exits(0).stdout;
    fs_err::write(folder.path().join("plenary.toml"), &text).unwrap();
    plenary("segment").in_folder(folder.path()).arg(sample().join("oped_estuary.txt")).exits(0);
    fs_err::write(folder.path().join("plenary.toml"), "treads = 2\n").unwrap();
    let outcome =
        plenary("segment").in_folder(folder.path()).arg(sample().join("oped_estuary.txt")).exits(2);
    assert!(
        outcome.stderr.contains("line 1") && outcome.stderr.contains("treads"),
        "{}",
        outcome.stderr
    );
}

/// A third axis needs a codebook file and labels, no code.
#[test]
fn own_axes_train_and_run() {
    let folder = tempfile::tempdir().unwrap();
    let codebook = folder.path().join("pace.toml");
    let pole = |id: &str| {
        format!(
            "[[axes.poles]]\nid = \"{id}\"\nname = \"{id}\"\ndefinition = \"Wants things {id}.\"\n"
        )
    };
    let text = format!(
        "id = \"pace\"\nversion = \"1\"\ntitle = \"Pace\"\n[[axes]]\nid = \"pace\"\nname = \"Pace\"\n\
         description = \"How fast.\"\n{}{}",
        pole("slow"),
        pole("fast")
    );
    fs_err::write(&codebook, text).unwrap();
    let mut labels = String::from("doc_id,text,pace\n");
    for number in 0..40 {
        labels.push_str(&format!("d{number},We must wait and take time on item {number}.,slow\n"));
        labels
            .push_str(&format!("d{number},We must hurry and act at once on item {number}.,fast\n"));
        labels.push_str(&format!("d{number},The hall has {number} seats.,\n"));
    }
    let file = folder.path().join("labels.csv");
    fs_err::write(&file, labels).unwrap();
    let model = folder.path().join("model");
    plenary("train")
        .args(&["--encoder", "hashed", "--codebook"])
        .arg(&codebook)
        .arg("--labels")
        .arg(&file)
        .arg("-o")
        .arg(&model)
        .exits(0);
    let speech = folder.path().join("speech.txt");
    fs_err::write(&speech, "We must hurry and act at once. The hall is full.").unwrap();
    let out = folder.path().join("out");
    plenary("run")
        .arg(&speech)
        .arg("-o")
        .arg(&out)
        .arg("--model")
        .arg(&model)
        .args(&["--format", "csv"])
        .exits(0);
    for table in ["statements.csv", "sentences.csv"] {
        let rows = fs_err::read_to_string(out.join(table)).unwrap();
        let header = "pace_lean,pace_p_slow,pace_p_fast,pace_abstain";
        assert!(rows.lines().next().unwrap().contains(header), "{rows}");
        assert!(rows.lines().nth(1).unwrap().contains(",fast,"), "{rows}");
    }
    let said = folder.path().join("said.jsonl");
    plenary("evaluate")
        .arg(&file)
        .arg("--model")
        .arg(&model)
        .arg("--predictions")
        .arg(&said)
        .exits(0);
    let said = json_lines(&fs_err::read_to_string(said).unwrap());
    let heads = said.iter().filter(|line| line["contender"] == "heads");
    let right =
        heads.clone().filter(|line| line["axes"]["pace"]["coded"] == line["axes"]["pace"]["lean"]);
    assert_eq!(heads.count(), 120);
    assert!(right.count() >= 114);
}

/// What training sees: the text's own voice, and the holders coded or found.
#[test]
fn statements_are_printed_as_training_sees_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("labels.jsonl");
    let label = r#"{"id": "a", "sentence": "Kesh argues that states must rule their networks.", "statements": [{"holder": "Kesh", "manner": "indirect", "control": "sovereignty", "governance": null}]}"#;
    fs_err::write(&file, label).unwrap();
    let lines = json_lines(&plenary("statements").arg(&file).exits(0).stdout);
    let holders: Vec<_> = lines.iter().map(|line| line["holder"].as_str().unwrap()).collect();
    assert_eq!(holders, ["SPEAKER", "Kesh"]);
    assert_eq!(lines[0]["sides"]["control"], "none");
    assert_eq!(lines[1]["sides"]["control"], "sovereignty");
    assert_eq!(lines[1]["features"]["indirect"], 1.0);
}
