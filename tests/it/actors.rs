use crate::support::run_small;

/// Names without an actor are listed for the user, and the positions of members are added up.
#[test]
fn unresolved_names_are_listed_and_groupings_added_up() {
    let folder = tempfile::tempdir().unwrap();
    let [speeches, out, members] =
        ["speeches", "out", "members.csv"].map(|name| folder.path().join(name));
    fs_err::create_dir(&speeches).unwrap();
    let text = "Ruvania and Tessaly said that each state should police its own network. \
                The Fellowship of Weavers argued that the network should stay open.";
    fs_err::write(speeches.join("a.txt"), text).unwrap();
    let actors = "actor_id,name,type,country_iso\nRUV,Ruvania,state,RUV\nTES,Tessaly,state,TES\nlakes,Lake League,intergovernmental,\n";
    fs_err::write(speeches.join("actors.csv"), actors).unwrap();
    fs_err::write(
        &members,
        "group_id,member_id,valid_from,valid_to\nlakes,RUV,,\nlakes,TES,,2001\n",
    )
    .unwrap();
    run_small(&speeches, &out).args(&["--format", "csv", "--memberships"]).arg(&members).exits(0);

    let read = |name: &str| fs_err::read_to_string(out.join(name)).unwrap();
    let unresolved = read("unresolved_actors.csv");
    let lines: Vec<&str> = unresolved.lines().collect();
    assert_eq!(lines[0], "name,reason,n_statements,n_documents,example_statement_id");
    assert!(
        lines[1..].iter().any(|line| line.starts_with("The Fellowship of Weavers,unknown,1,1,a.")),
        "{unresolved}"
    );
    assert!(!unresolved.contains("Ruvania"), "{unresolved}");
    let statements = read("statements.csv");
    assert!(
        statements.contains(",Ruvania,indirect,RUV,")
            && statements.contains(",Tessaly,indirect,TES,"),
        "{statements}"
    );
    let groupings = read("groupings.csv");
    let rows: Vec<&str> =
        groupings.lines().filter(|line| line.starts_with("lakes,Lake League,")).collect();
    assert_eq!(rows.len(), 2, "one row per axis: {groupings}");
    assert!(rows[0].starts_with("lakes,Lake League,control,1,"), "Tessaly has left: {groupings}");
}

/// A metadata.csv that nobody asked for and that names no documents is left out, with a word.
#[test]
fn a_metadata_table_that_cannot_be_joined_stops_no_run() {
    let folder = tempfile::tempdir().unwrap();
    let speeches = folder.path().join("speeches");
    fs_err::create_dir(&speeches).unwrap();
    fs_err::write(speeches.join("a.txt"), "The network is open.").unwrap();
    fs_err::write(speeches.join("metadata.csv"), "title,year\nSpeech,2018\n").unwrap();
    let outcome = run_small(&speeches, &folder.path().join("out")).exits(0);
    assert!(outcome.stderr.contains("no column to join on"), "{}", outcome.stderr);
}
